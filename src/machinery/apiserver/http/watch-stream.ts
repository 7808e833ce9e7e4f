import { WatchEncoder } from '../representations/watch-encoder.ts';
import type { WatchSink } from '../verbs/watch.ts';
import type { Sent } from '../contract/answers.ts';
import type { ApiError } from '../../client/api-error.ts';
import { endResponse, type HttpResponse, isGone, writeChunk } from './messages.ts';

/** Bytes that may wait for a watcher's connection; one that lags more is dropped and lists again. */
const MAX_LAG_BYTES = 16 * 1024 * 1024;

/** Writes a watch's events to an open answer. */
export class WatchStream implements WatchSink {
  readonly #response: HttpResponse;
  readonly #encoder: WatchEncoder;
  /** Bytes of what the client asked for to begin with; they may wait as long as they like. */
  #initialBytes: number | undefined;
  #writtenBytes = 0;

  constructor(response: HttpResponse, encoder: WatchEncoder) {
    this.#response = response;
    this.#encoder = encoder;
  }

  onSent(events: readonly Sent[]): void {
    const response = this.#response;
    if (isGone(response)) return;
    const lines = events.map((event) => this.#encoder.encode(event));
    writeChunk(response, lines.length === 1 && lines[0] !== undefined ? lines[0] : Buffer.concat(lines));
    const sizeBytes = sizeOf(lines);
    this.#initialBytes ??= sizeBytes;
    this.#writtenBytes += sizeBytes;
    // why: a single batch may pass the bound too; lagging is what is left of earlier ones
    const lagBytes = Math.min(response.writableLength, this.#writtenBytes - this.#initialBytes) - sizeBytes;
    if (lagBytes > MAX_LAG_BYTES) response.destroy();
  }

  onEnd(): void {
    if (!isGone(this.#response)) endResponse(this.#response);
  }

  /** Ends the watch with a reason that the client understands. */
  fail(error: ApiError): void {
    if (!isGone(this.#response)) endResponse(this.#response, WatchEncoder.error(error.status));
  }
}

function sizeOf(lines: readonly Buffer[]): number {
  return lines.reduce((sum, line) => sum + line.length, 0);
}
