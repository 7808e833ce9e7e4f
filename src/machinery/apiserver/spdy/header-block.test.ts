import { constants, createDeflate } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from './dictionary.ts';
import { formatHeaders, HeaderReader, HeaderWriter, parseHeaders } from './header-block.ts';

/** Header blocks as a client with a real compressor makes them. */
function deflater(): (block: Buffer) => Promise<Buffer> {
  const deflate = createDeflate({ dictionary: SPDY_DICTIONARY });
  return (block) =>
    new Promise((resolve) => {
      deflate.write(block);
      deflate.flush(constants.Z_SYNC_FLUSH, () => {
        const packed: unknown = deflate.read();
        resolve(Buffer.isBuffer(packed) ? packed : Buffer.alloc(0));
      });
    });
}

describe('header blocks of SPDY', () => {
  it('start from the dictionary of the specification', () => {
    let [a, b] = [1, 0];
    for (const byte of SPDY_DICTIONARY) {
      a = (a + byte) % 65_521;
      b = (b + a) % 65_521;
    }
    expect((b * 65_536 + a) >>> 0).toBe(SPDY_DICTIONARY_ID);
  });

  it('are read one after the other from one compressor', async () => {
    const pack = deflater();
    const reader = new HeaderReader();
    for (const port of ['80', '8080', '8080']) {
      const headers = new Map([
        ['streamtype', 'data'],
        ['port', port],
      ]);
      expect(await reader.read(await pack(formatHeaders(headers)))).toEqual({ ok: true, value: headers });
    }
  });

  it('written without compression are read again', async () => {
    const [reader, writer] = [new HeaderReader(), new HeaderWriter()];
    for (const headers of [new Map(), new Map([['a', 'b']]), new Map([['c', 'ü'.repeat(1000)]])])
      expect(await reader.read(writer.write(headers))).toEqual({ ok: true, value: headers });
  });

  it('that grow beyond the bound are refused before they take memory', async () => {
    const bomb = await deflater()(Buffer.alloc(16 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(64 * 1024);
    const reader = new HeaderReader();
    expect(await reader.read(bomb)).toMatchObject({ ok: false, error: expect.stringContaining('longer than') });
    expect(await reader.read(bomb)).toMatchObject({ ok: false });
  });

  it('of any bytes are answered, never thrown at', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const reader = new HeaderReader();
        expect(typeof (await reader.read(bytes)).ok).toBe('boolean');
        reader.close();
        expect(typeof parseHeaders(Buffer.from(bytes)).ok).toBe('boolean');
      }),
      { numRuns: 300 },
    );
  });
});
