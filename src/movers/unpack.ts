import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { ByteReader } from './byte-reader.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';
import type { FillTarget } from './fill-target.ts';
import { isTar, readTar, TAR_BEGINNING, type TarEntry } from './read-tar.ts';

/** Where the files of an archive go. */
export interface UnpackOptions {
  readonly target: FillTarget;
  /** The directory of the target; `/` = its top. */
  readonly into: string;
  /** Only what lies below this directory of the archive. */
  readonly part: string | undefined;
  /** The name of the file where what comes is no archive. */
  readonly fileName: string;
}

const MAGIC = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  bzip2: [0x42, 0x5a, 0x68],
} as const;
const LONGEST_MAGIC = 5;
const PLAIN = { mode: 0o644, uid: 0, gid: 0 };

/** Writes what `source` is: the files of a tar archive, packed by gzip or zstd or not at all, or else one file. What it is is told by its first bytes. @throws FillRefused, FillFailed */
export async function unpack(source: AsyncIterable<Uint8Array>, options: UnpackOptions): Promise<void> {
  const reader = new ByteReader(await unpacked(new ByteReader(source)));
  if (!isTar(await reader.peek(TAR_BEGINNING))) return writeOne(reader, options);
  let count = 0;
  for await (const entry of readTar(reader)) if (await writeEntry(entry, options)) count += 1;
  // why to the end: what follows an archive counts for its checksum
  for await (const _bytes of reader.all());
  if (count === 0 && options.part !== undefined) throw new FillRefused(`the archive has nothing below ${JSON.stringify(options.part)}`);
}

async function unpacked(reader: ByteReader): Promise<AsyncIterable<Uint8Array>> {
  const beginning = await reader.peek(LONGEST_MAGIC);
  const begins = (magic: readonly number[]): boolean => magic.every((byte, index) => beginning[index] === byte);
  const packer = (['xz', 'bzip2'] as const).find((name) => begins(MAGIC[name]));
  if (packer !== undefined) throw new FillRefused(`it is packed by ${packer}: use gzip, zstd or a plain tar archive`);
  if (begins(MAGIC.gzip)) return through(reader, createGunzip());
  return begins(MAGIC.zstd) ? through(reader, createZstdDecompress()) : reader.all();
}

/** What comes out of a transformation, with an error of either side. */
async function* through(reader: ByteReader, transform: NodeJS.ReadWriteStream & Readable): AsyncGenerator<Uint8Array> {
  const input = Readable.from(reader.all());
  input.on('error', (error) => transform.destroy(error));
  input.pipe(transform);
  try {
    for await (const bytes of transform) if (bytes instanceof Uint8Array) yield bytes;
  } catch (error) {
    if (error instanceof FillRefused || error instanceof FillFailed) throw error;
    throw new FillFailed(`it can't be unpacked: ${error instanceof Error ? error.message : String(error)}`, error);
  } finally {
    input.destroy();
  }
}

/** True where the entry is one of those that are wanted. */
async function writeEntry(entry: TarEntry, { target, into, part }: UnpackOptions): Promise<boolean> {
  const name = placeOf(entry.name, into, part);
  if (name === undefined) return false;
  switch (entry.kind) {
    case 'directory':
      await target.directory(name, entry);
      break;
    case 'link':
      await target.link(name, entry.to, entry);
      break;
    case 'sameFile':
      await target.sameFile(name, placeOf(entry.to, into, part) ?? entry.to);
      break;
    case 'file':
      await target.file(name, entry, entry.content);
      break;
    case 'device':
      throw new FillRefused(`${JSON.stringify(entry.name)} is a device or a pipe, which archives for claims may not have`);
  }
  return true;
}

async function writeOne(reader: ByteReader, { target, into, part, fileName }: UnpackOptions): Promise<void> {
  if (part !== undefined) throw new FillRefused(`it is one file and no archive, so that it has no ${JSON.stringify(part)}`);
  await target.file(`${relative(into)}${fileName}`, { ...PLAIN, modifiedMs: 0 }, reader.all());
}

/** Where in the volume a path of the archive goes; undefined where it is not wanted. Paths that lead out stay as they are: the target refuses them. */
function placeOf(name: string, into: string, part: string | undefined): string | undefined {
  if (name.startsWith('/') || name.split('/').includes('..')) return name;
  const own = name.replace(/^(?:\.\/)+/, '');
  if (part === undefined) return `${relative(into)}${own}`;
  const below = `${part.replaceAll(/^\/+|\/+$/g, '')}/`;
  return own.startsWith(below) && own !== below ? `${relative(into)}${own.slice(below.length)}` : undefined;
}

function relative(into: string): string {
  const plain = into.replaceAll(/^\/+|\/+$/g, '');
  return plain === '' ? '' : `${plain}/`;
}
