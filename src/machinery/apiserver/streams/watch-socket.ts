import type { WebSocket } from 'ws';
import type { Clock } from '#kit/clock.ts';
import type { ApiError } from '../../client/api-error.ts';
import { WatchEncoder } from '../representations/watch-encoder.ts';
import type { WatchSink } from '../verbs/watch.ts';
import type { Sent } from '../contract/answers.ts';
import { sendMessage } from './websocket.ts';

/** Bytes of changes that may wait for a watcher; one that lags more is dropped and lists again. What it asked for to begin with does not count. */
const MAX_LAG_BYTES = 16 * 1024 * 1024;
/** Bytes that are handed to the connection before it has taken the earlier ones. */
const AHEAD_BYTES = 256 * 1024;
/** How long a watch that has ended waits for its client to read the rest, as `ws` does for a connection that closes. */
const LINGER_MS = 30_000;
const NORMAL_CLOSURE = 1000;

interface Waiting {
  readonly event: Sent;
  /** What it counts as while it waits; 0 for what the client asked for to begin with. */
  readonly lagBytes: number;
}

/**
 * Sends a watch's events over a WebSocket, a message each. They wait as they are, and become messages at the pace of the client,
 * so that an initial list of any length costs no more memory than the objects that are there anyway.
 */
export class WatchSocket implements WatchSink {
  readonly #encoder: WatchEncoder;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  /** Place of the first of them that was not sent yet. */
  #next = 0;
  #webSocket: WebSocket | undefined;
  #lagBytes = 0;
  #isSending = false;
  #last: ApiError | 'end' | undefined;

  constructor(encoder: WatchEncoder, clock: Clock) {
    this.#encoder = encoder;
    this.#clock = clock;
  }

  /** From here on there is somebody to send to, and what comes is news. */
  open(webSocket: WebSocket): void {
    this.#webSocket = webSocket;
    this.#wake();
  }

  onSent(events: readonly Sent[]): void {
    for (const event of events) {
      const lagBytes = this.#webSocket === undefined || event.type === 'BOOKMARK' ? 0 : event.entry.bytes.length;
      this.#waiting.push({ event, lagBytes });
      this.#lagBytes += lagBytes;
    }
    if (this.#lagBytes > MAX_LAG_BYTES) this.#webSocket?.terminate();
    this.#wake();
  }

  onEnd(): void {
    this.#last ??= 'end';
    this.#endSoon();
  }

  /** Ends the watch with a reason that the client understands, behind what waits. */
  fail(error: ApiError): void {
    this.#last ??= error;
    this.#endSoon();
  }

  /** Who does not read the rest is not waited for. */
  #endSoon(): void {
    const timer = this.#clock.after(LINGER_MS, () => this.#webSocket?.terminate());
    this.#webSocket?.once('close', () => timer.cancel());
    this.#wake();
  }

  #wake(): void {
    if (this.#webSocket === undefined || this.#isSending) return;
    this.#isSending = true;
    void this.#send(this.#webSocket);
  }

  async #send(webSocket: WebSocket): Promise<void> {
    try {
      for (let line = this.#take(); line !== undefined; line = this.#take()) {
        const sent = sendMessage(webSocket, line);
        if (webSocket.bufferedAmount > AHEAD_BYTES) await sent;
        else sent.catch(() => {});
      }
      if (this.#last !== undefined) {
        if (this.#last !== 'end') await sendMessage(webSocket, textOf(WatchEncoder.error(this.#last.status)));
        webSocket.close(NORMAL_CLOSURE);
      }
    } catch {
      // why: a send fails when the client has gone, and then there is nobody to tell
    } finally {
      this.#isSending = false;
    }
  }

  #take(): string | undefined {
    const first = this.#waiting[this.#next];
    if (first !== undefined) this.#next += 1;
    // why not each time: what is behind the first moves up
    if (this.#next * 2 >= this.#waiting.length) this.#forgetSent();
    if (first === undefined) return undefined;
    this.#lagBytes -= first.lagBytes;
    return textOf(this.#encoder.encode(first.event));
  }

  #forgetSent(): void {
    this.#waiting.splice(0, this.#next);
    this.#next = 0;
  }
}

/** A message is a line without its end. */
function textOf(line: Buffer): string {
  return line.toString('utf8').trimEnd();
}
