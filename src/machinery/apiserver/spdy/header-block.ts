import { createInflate, type Inflate, constants } from 'node:zlib';
import { fail, ok, type Result } from '#kit/errors.ts';
import { SPDY_DICTIONARY, SPDY_DICTIONARY_ID } from './dictionary.ts';

/** Header blocks may not become longer than this when they are unpacked. */
const MAX_BLOCK_BYTES = 64 * 1024;
const MAX_HEADERS = 64;
/** A stored block of deflate holds at most this much (RFC 1951 section 3.2.4). */
const MAX_STORED_BYTES = 65_535;

/** Headers of a stream; names in lower case. */
export type SpdyHeaders = ReadonlyMap<string, string>;

/** Unpacks the header blocks of one direction of a connection, one after the other: each one builds on those before. */
export class HeaderReader {
  readonly #inflate: Inflate = createInflate({
    dictionary: SPDY_DICTIONARY,
    flush: constants.Z_SYNC_FLUSH,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  #fault: string | undefined;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor() {
    // why: unpacking stops while nobody reads, so that a small block can't become a large one unseen
    this.#inflate.on('readable', () => this.#collect());
    this.#inflate.on('error', (error) => {
      this.#fault ??= error.message;
    });
  }

  /** The headers of a block; after an error the connection is of no use any more. */
  async read(block: Uint8Array): Promise<Result<SpdyHeaders>> {
    const unpacked = await this.#unpack(block);
    return unpacked.ok ? parseHeaders(unpacked.value) : unpacked;
  }

  close(): void {
    this.#inflate.destroy();
  }

  #unpack(block: Uint8Array): Promise<Result<Buffer>> {
    const inflate = this.#inflate;
    return new Promise((resolve) => {
      const onClose = (): void => resolve(fail(this.#fault ?? 'the connection is closed'));
      if (inflate.destroyed) {
        onClose();
        return;
      }
      inflate.once('close', onClose);
      inflate.write(block, () => {
        this.#collect();
        if (inflate.destroyed) return;
        inflate.off('close', onClose);
        resolve(ok(Buffer.concat(this.#chunks)));
        this.#chunks = [];
        this.#size = 0;
      });
    });
  }

  #collect(): void {
    for (;;) {
      const chunk: unknown = this.#inflate.read();
      if (!Buffer.isBuffer(chunk)) return;
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      if (this.#size <= MAX_BLOCK_BYTES) continue;
      this.#fault ??= `a header block is longer than ${MAX_BLOCK_BYTES} bytes`;
      this.#chunks = [];
      this.#inflate.destroy();
      return;
    }
  }
}

/** Names and values (section 2.6.10): a count, then each with its length in front. Pure. */
export function parseHeaders(block: Buffer): Result<SpdyHeaders> {
  const headers = new Map<string, string>();
  let offset = 4;
  const text = (): string | undefined => {
    if (offset + 4 > block.length) return undefined;
    const start = offset + 4;
    const end = start + block.readUInt32BE(offset);
    if (end > block.length) return undefined;
    offset = end;
    return block.toString('utf8', start, end);
  };
  if (block.length < 4) return fail('a header block without a count');
  const count = block.readUInt32BE(0);
  if (count > MAX_HEADERS) return fail(`${count} headers are too many: ${MAX_HEADERS} are allowed`);
  for (let index = 0; index < count; index += 1) {
    const name = text();
    const value = text();
    if (name === undefined || value === undefined) return fail('a header block ends in the middle of a header');
    headers.set(name.toLowerCase(), value);
  }
  return ok(headers);
}

/** The bytes of {@link parseHeaders}. Pure. */
export function formatHeaders(headers: SpdyHeaders): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const part = (text: string): Buffer[] => [number(Buffer.byteLength(text)), Buffer.from(text)];
  return Buffer.concat([number(headers.size), ...[...headers].flatMap(([name, value]) => [...part(name), ...part(value)])]);
}

/** An empty stored block: what a flush writes. Go's decompressor hands out nothing before it has seen one. */
const SYNC = Buffer.from([0, 0, 0, 0xff, 0xff]);

/** Packs header blocks without compressing them: as stored blocks of one zlib stream, so that no state but the first block's is needed. */
export class HeaderWriter {
  #isFirst = true;

  write(headers: SpdyHeaders): Buffer {
    const block = formatHeaders(headers);
    if (block.length > MAX_STORED_BYTES) throw new RangeError('a header block is too long');
    const stored = Buffer.alloc(5);
    stored.writeUInt16LE(block.length, 1);
    stored.writeUInt16LE(~block.length & 0xffff, 3);
    const start = this.#isFirst ? zlibHeader() : Buffer.alloc(0);
    this.#isFirst = false;
    return Buffer.concat([start, stored, block, SYNC]);
  }
}

/** Deflate with a 32 KiB window and a preset dictionary (RFC 1950 section 2.2). */
function zlibHeader(): Buffer {
  const bytes = Buffer.from([0x78, 0x20, 0, 0, 0, 0]);
  const check = 31 - (bytes.readUInt16BE(0) % 31);
  bytes.writeUInt8(0x20 | check, 1);
  bytes.writeUInt32BE(SPDY_DICTIONARY_ID, 2);
  return bytes;
}
