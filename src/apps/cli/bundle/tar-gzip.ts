import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const BLOCK = 512;
/** Longest name and folder in the header of a POSIX ustar archive, in bytes (IEEE 1003.1, pax: ustar Interchange Format). */
const MAX_NAME = 100;
const MAX_PREFIX = 155;

/** Writes a `.tar.gz` of files made in memory; readable by any tar. It gets its name when it is whole, and only its owner can read it. */
export class TarGzip {
  readonly #path: string;
  readonly #mtimeSec: number;
  readonly #gzip = createGzip();
  readonly #file: ReturnType<typeof createWriteStream>;

  constructor(file: string, mtimeSec: number) {
    this.#path = file;
    this.#mtimeSec = mtimeSec;
    this.#file = createWriteStream(this.#part, { mode: 0o600, flags: 'w' });
    this.#gzip.pipe(this.#file);
    // why: a failure is told by the write or the end that waits for it
    this.#file.on('error', (error) => this.#gzip.destroy(error));
    this.#gzip.on('error', () => {});
  }

  /** Resolves as soon as the file is there to be written, before any work goes into it. @throws what the disk refuses */
  async opened(): Promise<void> {
    if (this.#file.pending) await once(this.#file, 'open');
  }

  get #part(): string {
    return `${this.#path}.part`;
  }

  /** Appends a file. @throws what the disk refuses */
  async add(name: string, content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    await this.#write(tarHeader({ name, size: bytes.length, mtimeSec: this.#mtimeSec }));
    await this.#write(bytes);
    await this.#write(Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }

  /** Ends the archive and gives it its name. @throws what the disk refuses */
  async close(): Promise<void> {
    // why two: the mark of the end (ustar Interchange Format)
    this.#gzip.end(Buffer.alloc(2 * BLOCK));
    await finished(this.#file);
    await rename(this.#part, this.#path);
  }

  /** Leaves nothing of an archive that can't be finished. */
  async abandon(): Promise<void> {
    this.#gzip.destroy();
    this.#file.destroy();
    await rm(this.#part, { force: true });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (this.#file.errored !== null) throw this.#file.errored;
    if (bytes.length > 0 && !this.#gzip.write(bytes)) await once(this.#gzip, 'drain');
  }
}

/** A header block for a plain file with mode 0600. @throws RangeError for a name that is too long */
function tarHeader({ name, size, mtimeSec }: { readonly name: string; readonly size: number; readonly mtimeSec: number }): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { dir, base } = path.posix.parse(name);
  if (Buffer.byteLength(base) > MAX_NAME || Buffer.byteLength(dir) > MAX_PREFIX) throw new RangeError(`the name is too long: ${name}`);
  const octal = (value: number, offset: number, digits: number): void =>
    void header.write(value.toString(8).padStart(digits, '0'), offset, 'latin1');
  header.write(base, 0, 'utf8');
  octal(0o600, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(Math.floor(mtimeSec), 136, 11);
  header.write('0', 156, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write(dir, 345, 'utf8');
  // why: the sum is taken with its own field full of spaces
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  octal(sum, 148, 6);
  header.write('\u0000 ', 154, 'latin1');
  return header;
}
