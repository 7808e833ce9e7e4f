import type { Writable } from 'node:stream';
import { PlatformError } from './errors.ts';

/** Takes bytes at the pace at which they can be used. */
export interface ByteSink {
  /** Resolves when more may come. @throws PlatformError once nobody takes them any more */
  write(chunk: Uint8Array): Promise<void>;
  /** Nothing more comes; what was written is still delivered. Idempotent. */
  end(): void;
}

/** A {@link ByteSink} over a stream of Node. Errors reach the writer, so the stream's own error events need nobody else. */
export function sinkOf(writable: Writable): ByteSink {
  writable.on('error', () => {});
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        writable.write(chunk, (error) => {
          if (error === null || error === undefined) resolve();
          else reject(PlatformError.from(error));
        });
      }),
    end: () => void writable.end(),
  };
}

/** Hands everything from `source` to `sink` until either ends. The sink stays open. @throws PlatformError of the sink */
export async function pour(source: AsyncIterable<Uint8Array>, sink: ByteSink): Promise<void> {
  for await (const chunk of source) await sink.write(chunk);
}
