import type { ByteReader } from './byte-reader.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';
import type { FileFacts } from './fill-target.ts';

/** What an archive has under a name. */
export interface TarEntry extends FileFacts {
  readonly kind: 'file' | 'directory' | 'link' | 'sameFile' | 'device';
  readonly name: string;
  /** Of links. */
  readonly to: string;
  /** Bytes of a file. */
  readonly size: number;
  /** Those bytes; who does not read them skips them by asking for the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** Long names and attributes of one entry; more is no archive but an attack. */
const MAX_ATTRIBUTES_BYTES = 1 << 20;
const MAGIC = { at: 257, text: 'ustar' };
const utf8 = new TextDecoder();

/** True for the beginning of a tar archive (POSIX.1-1988 and later, GNU). */
export function isTar(beginning: Uint8Array): boolean {
  return textOf(beginning.subarray(MAGIC.at, MAGIC.at + MAGIC.text.length)) === MAGIC.text;
}

/** How many bytes tell whether it is one. */
export const TAR_BEGINNING = MAGIC.at + MAGIC.text.length;

/** The entries of a tar archive in their order, with pax and GNU's long names. @throws FillRefused, FillFailed what is no archive, or ends too early */
export async function* readTar(reader: ByteReader): AsyncGenerator<TarEntry> {
  let extra: Attributes = {};
  for (;;) {
    const header = await reader.take(BLOCK);
    // why also at the end of the stream: many archives lack the empty blocks that end them
    if (header.every((byte) => byte === 0)) return;
    checkHeader(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = extra.size ?? numberOf(header, 124, 12);
    const attributes = ATTRIBUTE_TYPES[type];
    if (attributes !== undefined) {
      extra = { ...extra, ...attributes(await bodyOf(reader, size)) };
      continue;
    }
    const content = new EntryContent(reader, hasBody(type) ? size : 0);
    yield entryOf(header, type, { extra, content });
    await content.skip();
    extra = {};
  }
}

interface Attributes {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
  readonly mtime?: number;
}

const ATTRIBUTE_TYPES: Readonly<Record<string, (body: Uint8Array) => Attributes>> = {
  x: paxAttributes,
  // why nothing: attributes for all entries say nothing that is used here
  g: () => ({}),
  L: (body) => ({ path: untilZero(body) }),
  K: (body) => ({ linkpath: untilZero(body) }),
};

async function bodyOf(reader: ByteReader, size: number): Promise<Uint8Array> {
  if (size > MAX_ATTRIBUTES_BYTES) throw new FillRefused('the archive has attributes of more than 1Mi for one file');
  const body = await reader.take(size);
  await reader.take(paddingOf(size));
  return body;
}

function hasBody(type: string): boolean {
  return type === '0' || type === '\0' || type === '7';
}

const KINDS: Readonly<Record<string, TarEntry['kind']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'sameFile',
  '2': 'link',
  '3': 'device',
  '4': 'device',
  '5': 'directory',
  '6': 'device',
};

function entryOf(
  header: Uint8Array,
  type: string,
  { extra, content }: { readonly extra: Attributes; readonly content: EntryContent },
): TarEntry {
  const [name, prefix] = [untilZero(header.subarray(0, 100)), untilZero(header.subarray(345, 500))];
  const isUstar = isTar(header) && header[262] !== 0x20;
  const path = extra.path ?? (isUstar && prefix !== '' ? `${prefix}/${name}` : name);
  const kind = KINDS[type];
  if (kind === undefined) throw new FillRefused(`${JSON.stringify(path)} is of a kind that can't be unpacked (${JSON.stringify(type)})`);
  return {
    // why: archives of old name directories by a slash alone
    kind: kind === 'file' && path.endsWith('/') ? 'directory' : kind,
    name: path,
    to: extra.linkpath ?? untilZero(header.subarray(157, 257)),
    size: content.size,
    mode: numberOf(header, 100, 8),
    uid: numberOf(header, 108, 8),
    gid: numberOf(header, 116, 8),
    modifiedMs: (extra.mtime ?? numberOf(header, 136, 12)) * 1_000,
    content,
  };
}

/** The body of one entry, which is read once or skipped. */
class EntryContent implements AsyncIterable<Uint8Array> {
  readonly size: number;
  readonly #reader: ByteReader;
  #isPassed = false;

  constructor(reader: ByteReader, size: number) {
    this.size = size;
    this.#reader = reader;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.#isPassed = true;
    yield* this.#reader.pass(this.size);
    await this.#reader.take(paddingOf(this.size));
  }

  async skip(): Promise<void> {
    if (this.#isPassed) return;
    for await (const _bytes of this);
  }
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function checkHeader(header: Uint8Array): void {
  if (header.length < BLOCK) throw new FillFailed('the archive ends in the middle of an entry');
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  if (sum !== numberOf(header, 148, 8)) throw new FillRefused('the archive is damaged: the checksum of an entry is wrong');
}

/** Octal digits, or GNU's base 256. */
function numberOf(header: Uint8Array, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  const first = field[0] ?? 0;
  if ((first & 0x80) === 0) return Number.parseInt(untilZero(field).trim() || '0', 8) || 0;
  const value = field.reduce((total, byte, index) => total * 256 + (index === 0 ? byte & 0x7f : byte), 0);
  if (!Number.isSafeInteger(value)) throw new FillRefused('the archive has a number that is too large');
  return value;
}

/** Records of `LENGTH KEY=VALUE\n`. */
function paxAttributes(body: Uint8Array): Attributes {
  const found: { path?: string; linkpath?: string; size?: number; mtime?: number } = {};
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const length = Number.parseInt(textOf(body.subarray(at, space)), 10);
    if (space === -1 || !(length > 0) || at + length > body.length) throw new FillRefused('the archive is damaged: attributes of an entry');
    const [key = '', ...value] = textOf(body.subarray(space + 1, at + length - 1)).split('=');
    const text = value.join('=');
    if (key === 'path') found.path = text;
    else if (key === 'linkpath') found.linkpath = text;
    else if (key === 'size') found.size = sizeOf(text);
    else if (key === 'mtime') found.mtime = Number(text) || 0;
    else if (key.startsWith('GNU.sparse.')) throw new FillRefused('the archive has sparse files: pack it without --sparse');
    at += length;
  }
  return found;
}

function sizeOf(text: string): number {
  const size = Number(text);
  if (!Number.isSafeInteger(size) || size < 0) throw new FillRefused(`the archive has a file of ${JSON.stringify(text)} bytes`);
  return size;
}

function untilZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return textOf(end === -1 ? bytes : bytes.subarray(0, end));
}

function textOf(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
