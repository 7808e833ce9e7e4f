import { ByteQueue } from '#kit/byte-queue.ts';
import type { ByteSink } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';
import type { SpdyHeaders } from './header-block.ts';

/** What may lie here of one stream before the whole connection waits for its reader. */
const AHEAD_BYTES = 256 * 1024;
/** Longest data frame that is sent. */
const FRAME_BYTES = 32 * 1024;

/** How a stream reaches its connection. */
export interface StreamOwner {
  /** @throws PlatformError once the connection is closed */
  send(streamId: number, payload: Uint8Array): Promise<void>;
  sendEnd(streamId: number): void;
  sendReset(streamId: number): void;
  /** Both sides have ended. */
  forget(streamId: number): void;
}

/** One stream of a SPDY connection, opened by the client. */
export class SpdyStream implements ByteSink {
  readonly id: number;
  readonly headers: SpdyHeaders;
  /** What the client sends, until it ends its side or everything is over. */
  readonly incoming = new ByteQueue(AHEAD_BYTES);
  readonly #owner: StreamOwner;
  #hasEnded = false;
  #hasPeerEnded = false;
  readonly #abandoned = new AbortController();

  constructor(owner: StreamOwner, stream: { readonly id: number; readonly headers: SpdyHeaders }) {
    this.#owner = owner;
    this.id = stream.id;
    this.headers = stream.headers;
  }

  /** Aborts when the client gives the stream up, or is gone. */
  get abandoned(): AbortSignal {
    return this.#abandoned.signal;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.abandoned.aborted)
      throw new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the client has given the stream up' });
    for (let start = 0; start < chunk.length && !this.#hasEnded; start += FRAME_BYTES)
      await this.#owner.send(this.id, chunk.subarray(start, start + FRAME_BYTES));
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#owner.sendEnd(this.id);
    if (this.#hasPeerEnded) this.#owner.forget(this.id);
  }

  /** Ends both sides at once. */
  reset(): void {
    this.#hasEnded = true;
    this.incoming.close();
    this.#owner.sendReset(this.id);
    this.#owner.forget(this.id);
  }

  /** The client sent something; resolves when more may come. */
  receive(chunk: Uint8Array): Promise<void> {
    return this.#hasPeerEnded ? Promise.resolve() : this.incoming.push(chunk);
  }

  /** The client has ended its side. */
  receiveEnd(): void {
    this.#hasPeerEnded = true;
    this.incoming.end();
    if (this.#hasEnded) this.#owner.forget(this.id);
  }

  /** The client gave the stream up, or the connection is gone. */
  abandon(): void {
    this.#hasEnded = true;
    this.#hasPeerEnded = true;
    this.incoming.end();
    this.#abandoned.abort();
  }
}
