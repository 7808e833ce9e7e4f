import type { Duplex } from 'node:stream';
import { assertNever } from '#kit/assert-never.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import {
  dataFrame,
  FrameReader,
  goAwayFrame,
  pingFrame,
  rstStreamFrame,
  type SpdyFrame,
  synReplyFrame,
  windowUpdateFrame,
} from './frames.ts';
import { HeaderReader, HeaderWriter } from './header-block.ts';
import { SpdyStream, type StreamOwner } from './spdy-stream.ts';

/** What a connection is served with. */
export interface SpdyOptions {
  readonly clock: Clock;
  /** A client opened a stream. It is accepted already; streams that nobody wants are to be reset. */
  readonly onStream: (stream: SpdyStream) => void;
}

/** Streams of one connection that may be open at a time. */
const MAX_STREAMS = 512;
/** A client that is gone without a word is noticed by a write that fails; one is made this often. */
const PING_MS = 30_000;
/** A client is given this long to close its side. */
const CLOSE_MS = 5_000;
/** Status of RST_STREAM (section 2.6.3) and of GOAWAY (section 2.6.6). */
const RST = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5 } as const;
const GOAWAY = { ok: 0, protocolError: 1 } as const;

/**
 * The server's side of SPDY/3.1. What is sent is paced by the connection below: Kubernetes' clients neither keep windows nor enlarge them.
 * What is received is bounded per stream, and the connection waits for the slowest reader, as upstream's does.
 */
export class SpdyConnection implements StreamOwner {
  readonly #socket: Duplex;
  readonly #options: SpdyOptions;
  readonly #reader = new FrameReader();
  readonly #headerReader = new HeaderReader();
  readonly #headerWriter = new HeaderWriter();
  readonly #streams = new Map<number, SpdyStream>();
  readonly #gone = new AbortController();
  #lastStreamId = 0;
  #pings = 0;
  #pingTimer: Timer | undefined;
  #isClosing = false;

  constructor(socket: Duplex, options: SpdyOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('error', () => socket.destroy());
    // why: a client that left before this will not be heard to leave again
    if (socket.closed) {
      this.#dispose();
      return;
    }
    socket.once('close', () => this.#dispose());
    this.#scheduleNextPing();
    void this.#receive();
  }

  /** Aborts when the connection has ended. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Streams that are open. */
  get openStreams(): number {
    return this.#streams.size;
  }

  /** Ends the connection when everything that was written has been sent. */
  close(): void {
    this.#end(GOAWAY.ok);
  }

  async send(streamId: number, payload: Uint8Array): Promise<void> {
    await this.#write(dataFrame(streamId, payload));
  }

  sendEnd(streamId: number): void {
    this.#tell(dataFrame(streamId, new Uint8Array(), true));
  }

  sendReset(streamId: number): void {
    this.#tell(rstStreamFrame(streamId, RST.cancel));
  }

  forget(streamId: number): void {
    this.#streams.delete(streamId);
  }

  async #receive(): Promise<void> {
    try {
      for await (const chunk of this.#socket) {
        const bytes: Uint8Array = chunk;
        const frames = this.#reader.read(bytes);
        if (!frames.ok) {
          this.#end(GOAWAY.protocolError);
          return;
        }
        for (const frame of frames.value) await this.#handle(frame);
      }
      this.#end(GOAWAY.ok);
      this.#socket.end();
    } catch {
      // why: a connection that breaks is the client's business; whoever writes to it is told
      this.#socket.destroy();
    }
  }

  async #handle(frame: SpdyFrame): Promise<void> {
    switch (frame.type) {
      case 'data':
        return this.#takeData(frame);
      case 'syn-stream':
        return this.#open(frame);
      case 'syn-reply':
      case 'headers':
        // why: nothing in them matters, but each block is part of the compression's state
        return this.#readHeaders(frame.headerBlock).then(() => {});
      case 'rst-stream':
        this.#streams.get(frame.streamId)?.abandon();
        this.forget(frame.streamId);
        return undefined;
      case 'ping':
        // why: the client's pings are odd, ours are even and come back (section 2.6.5)
        if (frame.id % 2 === 1) this.#tell(pingFrame(frame.id));
        return undefined;
      case 'goaway':
      case 'window-update':
      case 'ignored':
        return undefined;
      default:
        return assertNever(frame);
    }
  }

  async #takeData({ streamId, payload, isLast }: Extract<SpdyFrame, { type: 'data' }>): Promise<void> {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (!isLast) this.#tell(rstStreamFrame(streamId, RST.invalidStream));
      return;
    }
    // why a copy: the payload is a part of a larger buffer that would be kept with it
    await stream.receive(Uint8Array.from(payload));
    if (payload.length > 0) {
      this.#tell(windowUpdateFrame(streamId, payload.length));
      this.#tell(windowUpdateFrame(0, payload.length));
    }
    if (isLast) stream.receiveEnd();
  }

  async #open({ streamId, headerBlock, isLast }: Extract<SpdyFrame, { type: 'syn-stream' }>): Promise<void> {
    const headers = await this.#readHeaders(headerBlock);
    if (headers === undefined) return;
    if (streamId % 2 === 0 || streamId <= this.#lastStreamId) {
      this.#tell(rstStreamFrame(streamId, RST.protocolError));
      return;
    }
    this.#lastStreamId = streamId;
    if (this.#isClosing || this.#streams.size >= MAX_STREAMS) {
      this.#tell(rstStreamFrame(streamId, RST.refusedStream));
      return;
    }
    const stream = new SpdyStream(this, { id: streamId, headers });
    this.#streams.set(streamId, stream);
    this.#tell(synReplyFrame(streamId, this.#headerWriter.write(new Map())));
    if (isLast) stream.receiveEnd();
    this.#options.onStream(stream);
  }

  async #readHeaders(block: Buffer): Promise<SpdyStream['headers'] | undefined> {
    const headers = await this.#headerReader.read(block);
    if (headers.ok) return headers.value;
    this.#end(GOAWAY.protocolError);
    return undefined;
  }

  #write(frame: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#gone.signal.aborted || this.#isClosing) {
        reject(new PlatformError({ code: 'Canceled', reason: 'Canceled', message: 'the client has closed the connection' }));
        return;
      }
      this.#socket.write(frame, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(PlatformError.from(error));
      });
    });
  }

  #tell(frame: Buffer): void {
    // why: who can't be told any more has gone, and the close event says so
    this.#write(frame).catch(() => {});
  }

  #end(status: number): void {
    if (this.#isClosing || this.#gone.signal.aborted) return;
    this.#tell(goAwayFrame(this.#lastStreamId, status));
    this.#isClosing = true;
    this.#pingTimer?.cancel();
    for (const stream of this.#streams.values()) stream.abandon();
    this.#streams.clear();
    // why not at once: clients drop what they have received and not yet read when the connection ends, so they are to end it
    if (status !== GOAWAY.ok) this.#socket.end();
    this.#pingTimer = this.#options.clock.after(CLOSE_MS, () => this.#socket.destroy());
  }

  #scheduleNextPing(): void {
    this.#pingTimer = this.#options.clock.after(PING_MS, () => {
      this.#pings += 2;
      this.#tell(pingFrame(this.#pings % 0x7fffffff));
      this.#scheduleNextPing();
    });
  }

  #dispose(): void {
    this.#pingTimer?.cancel();
    for (const stream of this.#streams.values()) stream.abandon();
    this.#streams.clear();
    this.#headerReader.close();
    this.#gone.abort();
  }
}
