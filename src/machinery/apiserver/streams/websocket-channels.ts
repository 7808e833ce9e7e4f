import type { WebSocket } from 'ws';
import type { TerminalSize } from '#api/pod-streams.ts';
import { ByteQueue } from '#kit/byte-queue.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import type { Clock } from '#kit/clock.ts';
import { type CommandChannels, type Outcome, parseSizes } from './command-channels.ts';
import { type ChannelProtocol, decodeFrame, encodeFrame } from './channel-frames.ts';
import { bytesOf, keepAsking, sendMessage } from './websocket.ts';

/** The first byte of each message (apimachinery `remotecommand`: StreamStdIn … StreamClose). */
const CHANNEL = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
/** What a client may send ahead of the process. */
const STDIN_AHEAD_BYTES = 64 * 1024;
/** Longest message to a client. */
const MESSAGE_BYTES = 32 * 1024;
const NORMAL_CLOSURE = 1000;

/** The channels of one WebSocket. */
export class WebSocketChannels implements CommandChannels {
  readonly stdin: ByteQueue;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  readonly gone: AbortSignal;
  readonly #webSocket: WebSocket;
  readonly #protocol: ChannelProtocol;
  readonly #early: TerminalSize[] = [];
  #onResize: ((size: TerminalSize) => void) | undefined;

  constructor(webSocket: WebSocket, { protocol, clock }: { readonly protocol: ChannelProtocol; readonly clock: Clock }) {
    const gone = new AbortController();
    this.gone = gone.signal;
    this.#webSocket = webSocket;
    this.#protocol = protocol;
    this.stdin = new ByteQueue(STDIN_AHEAD_BYTES);
    this.stdout = this.#sink(CHANNEL.stdout);
    this.stderr = this.#sink(CHANNEL.stderr);
    webSocket.on('message', (data) => this.#receive(bytesOf(data)));
    keepAsking(webSocket, clock);
    webSocket.once('close', () => {
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
    const text = this.#protocol.outcome === 'status' ? JSON.stringify(outcome) : textOf(outcome);
    try {
      if (text !== '') await this.#send(CHANNEL.error, Buffer.from(text));
    } catch {
      // why: the client has gone, so there is nobody to tell
    }
    this.#webSocket.close(NORMAL_CLOSURE);
  }

  #send(channel: number, bytes: Buffer): Promise<void> {
    return sendMessage(this.#webSocket, encodeFrame(this.#protocol, { channel, bytes }));
  }

  #receive(message: Buffer): void {
    const frame = decodeFrame(this.#protocol, message);
    const payload = frame?.bytes ?? Buffer.of();
    switch (frame?.channel) {
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
        if (this.#protocol.canEnd && payload[0] === CHANNEL.stdin) this.stdin.end();
        break;
      default: // why: unknown channels are ignored, as upstream does
    }
  }

  #take(bytes: Buffer): void {
    this.#webSocket.pause();
    void this.stdin.push(bytes).then(() => this.#webSocket.resume());
  }

  #sink(channel: number): ByteSink {
    return {
      write: async (bytes) => {
        for (let start = 0; start < bytes.length; start += MESSAGE_BYTES)
          await this.#send(channel, Buffer.from(bytes.subarray(start, start + MESSAGE_BYTES)));
      },
      end: () => {},
    };
  }
}

/** What the older protocols are told of a command that failed; nothing of one that did not. */
function textOf(outcome: Outcome): string {
  return outcome.status === 'Success' ? '' : (outcome.message ?? outcome.reason ?? 'failed');
}
