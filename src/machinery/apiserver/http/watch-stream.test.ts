import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { WatchEncoder } from '../representations/watch-encoder.ts';
import type { Sent } from '../contract/answers.ts';
import type { HttpResponse } from './messages.ts';
import { WatchStream } from './watch-stream.ts';

const MIB = 1024 * 1024;
const change = (sizeBytes: number): Sent => trusted({ type: 'ADDED', entry: { bytes: { length: sizeBytes } } });

function streamTo() {
  const response = {
    destroyed: false,
    writableEnded: false,
    writableLength: 0,
    write: (chunk: Buffer) => (response.writableLength += chunk.length),
    destroy: () => (response.destroyed = true),
  };
  const encode = (event: Sent): Buffer => Buffer.alloc(event.type === 'BOOKMARK' ? 1 : event.entry.bytes.length);
  // why trusted: nothing else of either is used
  return { response, stream: new WatchStream(trusted<HttpResponse>(response), trusted<WatchEncoder>({ encode })) };
}

it('API-2: a client that reads a long initial list slowly is not taken for one that lags', () => {
  const { response, stream } = streamTo();
  stream.onSent([change(40 * MIB)]);
  stream.onSent([change(MIB)]);
  expect(response.destroyed).toBe(false);
  response.writableLength -= 20 * MIB;
  stream.onSent([change(MIB)]);
  expect(response.destroyed).toBe(false);
});

it('API-2: one that leaves more than 16 MiB of changes lying is', () => {
  const { response, stream } = streamTo();
  stream.onSent([change(MIB)]);
  response.writableLength = 0;
  for (let count = 0; count < 17; count += 1) stream.onSent([change(MIB)]);
  expect(response.destroyed).toBe(false);
  stream.onSent([change(MIB)]);
  expect(response.destroyed).toBe(true);
});
