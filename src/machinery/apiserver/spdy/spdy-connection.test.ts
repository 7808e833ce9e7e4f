import { type Duplex, duplexPair } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { dataFrame, FrameReader, pingFrame, type SpdyFrame, synStreamFrame } from './frames.ts';
import { HeaderWriter } from './header-block.ts';
import { SpdyConnection } from './spdy-connection.ts';
import type { SpdyStream } from './spdy-stream.ts';

/** A connection and the client's end of it, with the frames that the client has seen. */
function connect(): { client: Duplex; connection: SpdyConnection; streams: SpdyStream[]; seen: SpdyFrame[] } {
  const [client, server] = duplexPair();
  const streams: SpdyStream[] = [];
  const seen: SpdyFrame[] = [];
  const reader = new FrameReader();
  const connection = new SpdyConnection(server, { clock: new FakeClock(), onStream: (stream) => streams.push(stream) });
  client.on('error', () => {});
  client.on('data', (chunk: Buffer) => {
    const frames = reader.read(chunk);
    if (frames.ok) seen.push(...frames.value);
  });
  return { client, connection, streams, seen };
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a SPDY connection', () => {
  it('accepts streams, hands their bytes on and answers pings', async () => {
    const { client, streams, seen } = connect();
    const headers = new HeaderWriter().write(new Map([['streamtype', 'stdin']]));
    client.write(
      Buffer.concat([
        synStreamFrame(1, headers),
        dataFrame(1, Buffer.from('hello ')),
        dataFrame(1, Buffer.from('you'), true),
        pingFrame(7),
      ]),
    );
    await expect.poll(() => seen.some((frame) => frame.type === 'ping' && frame.id === 7)).toBe(true);
    expect(streams[0]?.headers.get('streamtype')).toBe('stdin');
    expect(streams[0] && (await readAll(streams[0].incoming))).toBe('hello you');
    expect(seen[0]).toMatchObject({ type: 'syn-reply', streamId: 1 });
  });

  it('is forgotten stream by stream, and says goodbye at its end', async () => {
    const { client, connection, streams, seen } = connect();
    client.write(Buffer.concat([synStreamFrame(1, new HeaderWriter().write(new Map())), dataFrame(1, Buffer.alloc(0), true)]));
    await expect.poll(() => streams.length).toBe(1);
    await streams[0]?.write(Buffer.from('answer'));
    streams[0]?.end();
    expect(connection.openStreams).toBe(0);
    connection.close();
    client.end();
    await expect.poll(() => seen.at(-1)?.type).toBe('goaway');
    expect(seen.find((frame) => frame.type === 'data')).toMatchObject({ payload: Buffer.from('answer') });
  });

  it('refuses streams with numbers of the server or of the past', async () => {
    const { client, streams, seen } = connect();
    const writer = new HeaderWriter();
    client.write(Buffer.concat([3, 2, 3].map((id) => synStreamFrame(id, writer.write(new Map())))));
    await expect.poll(() => seen.filter((frame) => frame.type === 'rst-stream').length).toBe(2);
    expect(streams.map((stream) => stream.id)).toEqual([3]);
  });

  it('waits for a reader before it takes more than its bound', async () => {
    const { client, streams } = connect();
    client.write(synStreamFrame(1, new HeaderWriter().write(new Map())));
    await expect.poll(() => streams.length).toBe(1);
    let sentBytes = 0;
    while (client.writableLength < 1024 * 1024 && sentBytes < 16 * 1024 * 1024) {
      client.write(dataFrame(1, Buffer.alloc(32 * 1024)));
      sentBytes += 32 * 1024;
      await new Promise((resolve) => process.nextTick(resolve));
    }
    expect(sentBytes).toBeLessThan(4 * 1024 * 1024);
    let readBytes = 0;
    for await (const chunk of streams[0]?.incoming ?? []) {
      readBytes += chunk.length;
      if (readBytes === sentBytes) break;
    }
    expect(readBytes).toBe(sentBytes);
  });

  it('survives any bytes: it goes on or ends, and never throws', async () => {
    const header = fc.tuple(fc.constantFrom(0x80, 0x00), fc.constantFrom(3, 2), fc.nat(1), fc.nat(12), fc.nat(255));
    const frame = fc.tuple(header, fc.uint8Array({ maxLength: 40 })).map(([[bit, version, high, type, flags], payload]) => {
      const start = Buffer.from([bit, version, high, type, flags, 0, 0, payload.length]);
      return Buffer.concat([start, payload]);
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 40 })), { maxLength: 20 }), async (pieces) => {
        const { client, connection } = connect();
        for (const piece of pieces) client.write(piece);
        client.end();
        await new Promise<void>((resolve) => {
          if (connection.gone.aborted) resolve();
          else connection.gone.addEventListener('abort', () => resolve(), { once: true });
        });
        expect(connection.openStreams).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
