/** An entry of an archive, as wrong as a test wants it. */
export interface TarFile {
  readonly name: string;
  readonly body?: string | Buffer;
  /** The byte that says what it is; default a file. */
  readonly type?: string;
  /** Of links. */
  readonly to?: string;
  readonly mode?: number;
}

const BLOCK = 512;

/** A tar archive (ustar) of these, whatever a program that packs archives would say. */
export function tarOf(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap(entryOf), Buffer.alloc(2 * BLOCK)]);
}

function entryOf({ name, body = '', type = '0', to = '', mode = 0o644 }: TarFile): readonly Buffer[] {
  const bytes = Buffer.from(body);
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, 100);
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  header.write('0000000\0'.repeat(2), 108);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(to, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)];
}
