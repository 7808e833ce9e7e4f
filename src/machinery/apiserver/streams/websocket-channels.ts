import type { WebSocket } from 'ws';
import type { TerminalSize } from '#api/pod-streams.ts';
import { ByteQueue } from '#kit/byte-queue.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import { type CommandChannels, type Outcome, parseSizes } from './command-channels.ts';
import { bytesOf, sendMessage } from './websocket.ts';

/** Subprotocols of exec and attach, the best first: v5 can end stdin (apimachinery `remotecommand` constants). */
export const COMMAND_SUBPROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** The first byte of each message (apimachinery `remotecommand`: StreamStdIn … StreamClose). */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** What a client may send ahead of the process. */
const STDIN_AHEAD_BYTES = 64 * 1024;
/** Longest message to a client. */
const MESSAGE_BYTES = 32 * 1024;
const NORMAL_CLOSURE = 1000;
/** A client that is gone without a word is noticed by a write that fails; one is made this often. */
const PING_MS = 30_000;

/** The channels of one WebSocket. */
export class WebSocketChannels implements CommandChannels {
  readonly stdin: ByteQueue;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  readonly gone: AbortSignal;
  readonly #webSocket: WebSocket;
  readonly #canEndStdin: boolean;
  readonly #early: TerminalSize[] = [];
  #onResize: ((size: TerminalSize) => void) | undefined;
  #pingTimer: Timer | undefined;

  constructor(webSocket: WebSocket, { subprotocol, clock }: { readonly subprotocol: string; readonly clock: Clock }) {
    const gone = new AbortController();
    this.gone = gone.signal;
    this.#webSocket = webSocket;
    this.#canEndStdin = subprotocol === COMMAND_SUBPROTOCOLS[0];
    this.stdin = new ByteQueue(STDIN_AHEAD_BYTES);
    this.stdout = this.#sink(CHANNEL.stdout);
    this.stderr = this.#sink(CHANNEL.stderr);
    webSocket.on('message', (data) => this.#receive(bytesOf(data)));
    this.#scheduleNextPing(clock);
    webSocket.once('close', () => {
      this.#pingTimer?.cancel();
      this.stdin.end();
      gone.abort();
    });
  }

  onResize(listener: (size: TerminalSize) => void): void {
    this.#onResize = listener;
    for (const size of this.#early.splice(0)) listener(size);
  }

  async finish(outcome: Outcome): Promise<void> {
    this.stdin.close();
    try {
      await sendMessage(this.#webSocket, Buffer.concat([Buffer.of(CHANNEL.error), Buffer.from(JSON.stringify(outcome))]));
    } catch {
      // why: the client has gone, so there is nobody to tell
    }
    this.#webSocket.close(NORMAL_CLOSURE);
  }

  #scheduleNextPing(clock: Clock): void {
    this.#pingTimer = clock.after(PING_MS, () => {
      this.#webSocket.ping();
      this.#scheduleNextPing(clock);
    });
  }

  #receive(message: Buffer): void {
    const payload = message.subarray(1);
    switch (message[0]) {
      case CHANNEL.stdin:
        this.#take(payload);
        break;
      case CHANNEL.resize:
        for (const size of parseSizes(payload)) {
          if (this.#onResize === undefined) this.#early.splice(0, this.#early.length, size);
          else this.#onResize(size);
        }
        break;
      case CHANNEL.close:
        if (this.#canEndStdin && payload[0] === CHANNEL.stdin) this.stdin.end();
        break;
      default: // why: unknown channels are ignored, as upstream does
    }
  }

  #take(bytes: Buffer): void {
    this.#webSocket.pause();
    void this.stdin.push(bytes).then(() => this.#webSocket.resume());
  }

  #sink(channel: number): ByteSink {
    const prefix = Buffer.of(channel);
    return {
      write: async (bytes) => {
        for (let start = 0; start < bytes.length; start += MESSAGE_BYTES)
          await sendMessage(this.#webSocket, Buffer.concat([prefix, bytes.subarray(start, start + MESSAGE_BYTES)]));
      },
      end: () => {},
    };
  }
}
