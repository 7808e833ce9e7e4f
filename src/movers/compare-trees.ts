import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';

/** Two directories that are to become the same, and since when what changed in the source counts as different. */
export interface Trees {
  readonly source: string;
  readonly target: string;
  /** Seconds since 1970; 0 = everything is different. */
  readonly sinceSec: number;
}

/** What makes the target like the source; names are below both tops, one character for each of their bytes. */
export type Difference =
  /** It is not there, or is another. `bytes`: what it takes of a volume; `freed`: what goes for it. */
  | { readonly kind: 'copy'; readonly name: string; readonly bytes: number; readonly freedBytes: number }
  | { readonly kind: 'remove'; readonly name: string; readonly freedBytes: number }
  /** Another name of a file that came before, the same or not. */
  | { readonly kind: 'furtherName'; readonly name: string };

/** Another name of a file. */
export interface SameFile {
  readonly name: string;
  readonly of: string;
}

/** The file system's own, at the top of ext4. */
const OF_FILE_SYSTEM = 'lost+found';
/** What an entry takes beside its data: an inode. */
const INODE_BYTES = 512;
const BLOCK_BYTES = 4_096;
/** What is compared of the mode: permissions, and what lets programs run as somebody else. */
const MODE_MASK = 0o7777;

/** What differs, without directories: what has to go comes before what takes its place. A file of several names comes with its first. */
export function* differences(trees: Trees): Generator<Difference> {
  const first = new Map<string, string>();
  for (const entry of entriesOf(trees, '')) {
    const { name, found, there } = entry;
    if (there !== undefined && (found === undefined || typeOf(there) !== typeOf(found)))
      yield { kind: 'remove', name, freedBytes: bytesOf(there) };
    if (found === undefined || found.isDirectory()) continue;
    if (firstNameOf(trees, entry, first) !== undefined) yield { kind: 'furtherName', name };
    else if (!isCopied(trees, entry))
      yield { kind: 'copy', name, bytes: bytesOf(found), freedBytes: there === undefined ? 0 : bytesOf(there) };
  }
}

/** Names of directories that are not there or not as in the source, those below first: their times are right only when nothing is written into them any more. */
export function* differentDirectories(trees: Trees, directory = ''): Generator<string> {
  for (const name of namesIn(trees.source, directory))
    if (statusOf(trees.source, name)?.isDirectory() === true) yield* differentDirectories(trees, name);
  const here: Entry = { name: directory, found: statusOf(trees.source, directory), there: statusOf(trees.target, directory) };
  if (here.found !== undefined && !isSameDirectory(trees, here)) yield directory;
}

/** Names that have to be made to files that have several. Memory: the names of those. */
export function* furtherNames(trees: Trees): Generator<SameFile> {
  const first = new Map<string, string>();
  for (const entry of entriesOf(trees, '')) {
    const of = firstNameOf(trees, entry, first);
    if (of !== undefined && !isSameFile(trees.target, entry.name, of)) yield { name: entry.name, of };
  }
}

/** Under which name the same file has come before; undefined where it has not. */
function firstNameOf({ source }: Trees, { name, found }: Entry, first: Map<string, string>): string | undefined {
  if (found?.isFile() !== true || found.nlink < 2) return undefined;
  const id = idOf(source, name);
  const of = first.get(id);
  if (of === undefined) first.set(id, name);
  return of;
}

/** The first name that is not as in the source, directories and further names of files among them; undefined where all are. */
export function firstUnlike(trees: Trees): string | undefined {
  const first = new Map<string, string>();
  if (!isSameDirectory(trees, { name: '', found: statusOf(trees.source, ''), there: statusOf(trees.target, '') })) return '';
  for (const entry of entriesOf(trees, '')) {
    const isSame = entry.found?.isDirectory() === true ? isSameDirectory(trees, entry) : isCopied(trees, entry);
    const of = firstNameOf(trees, entry, first);
    if (!isSame || (of !== undefined && !isSameFile(trees.target, entry.name, of))) return entry.name;
  }
  return undefined;
}

/** The place of a name below a top. */
export function placeOf(top: string, name: string): Buffer {
  return Buffer.from(`${Buffer.from(top).toString('latin1')}/${name}`, 'latin1');
}

/** What of a volume something takes, in bytes: holes take nothing. */
function bytesOf(found: Stats): number {
  const hasData = found.isFile() || found.isDirectory();
  const data = hasData ? Math.min(Math.ceil(found.size / BLOCK_BYTES) * BLOCK_BYTES, found.blocks * 512) : 0;
  return data + INODE_BYTES;
}

interface Entry {
  readonly name: string;
  /** In the source, and in the target. */
  readonly found: Stats | undefined;
  readonly there: Stats | undefined;
}

/** What is in either tree below a directory. What is only in the target comes first, each alone. */
function* entriesOf(trees: Trees, directory: string): Generator<Entry> {
  const names = namesIn(trees.source, directory);
  const wanted = new Set(names);
  for (const name of namesIn(trees.target, directory))
    if (!wanted.has(name)) yield { name, found: undefined, there: statusOf(trees.target, name) };
  for (const name of names) {
    const status = statusOf(trees.source, name);
    // why without sockets: nobody can be behind them in a copy
    const found = status?.isSocket() === true ? undefined : status;
    const there = statusOf(trees.target, name);
    if (found !== undefined || there !== undefined) yield { name, found, there };
    if (found?.isDirectory() === true) yield* entriesOf(trees, name);
  }
}

/** The names in a directory; none where it is none, or goes. */
function namesIn(top: string, directory: string): readonly string[] {
  // why first: what became a link is not followed
  if (statusOf(top, directory)?.isDirectory() !== true) return [];
  try {
    // why latin1: names are bytes, and this is the encoding that keeps each
    const names = readdirSync(placeOf(top, directory), 'latin1');
    return directory === '' ? names.filter((name) => name !== OF_FILE_SYSTEM) : names.map((name) => `${directory}/${name}`);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')) return [];
    throw thrown;
  }
}

function statusOf(top: string, name: string): Stats | undefined {
  return lstatSync(placeOf(top, name), { throwIfNoEntry: false });
}

function typeOf({ mode }: Stats): number {
  return mode & 0o170_000;
}

/** Which file it is. */
function idOf(top: string, name: string): string {
  const { dev, ino } = lstatSync(placeOf(top, name), { bigint: true });
  return `${dev}:${ino}`;
}

function isSameFile(top: string, name: string, of: string): boolean {
  return [name, of].every((each) => statusOf(top, each) !== undefined) && idOf(top, name) === idOf(top, of);
}

/** True where what is there is what an earlier pass has copied, whole, and nothing of it was changed since. */
function isCopied(trees: Trees, { name, found, there }: Entry): boolean {
  if (found === undefined || there === undefined || typeOf(found) !== typeOf(there)) return false;
  // why by the time of the inode: it changes with the data, the attributes and the access list, and no program can set it back
  if (found.ctimeMs / 1_000 >= trees.sinceSec) return false;
  if (found.uid !== there.uid || found.gid !== there.gid) return false;
  if (found.isSymbolicLink()) return isSameLink(trees, name);
  if ((found.mode & MODE_MASK) !== (there.mode & MODE_MASK)) return false;
  return isSameContent(found, there);
}

function isSameDirectory(trees: Trees, entry: Entry): boolean {
  return entry.there?.isDirectory() === true && isCopied(trees, entry) && isSameTime(entry);
}

/** True where two of one type, owner and mode are the same, as far as can be told without reading them. */
function isSameContent(found: Stats, there: Stats): boolean {
  if (found.isFile()) return found.size === there.size && isSameTime({ found, there });
  return found.isDirectory() || found.isFIFO() || found.rdev === there.rdev;
}

function isSameLink({ source, target }: Trees, name: string): boolean {
  return readlinkSync(placeOf(source, name), 'latin1') === readlinkSync(placeOf(target, name), 'latin1');
}

/** True where both have the same time of modification, as far as every file system keeps it. */
function isSameTime({ found, there }: Pick<Entry, 'found' | 'there'>): boolean {
  return Math.floor(found?.mtimeMs ?? 0) === Math.floor(there?.mtimeMs ?? 0);
}
