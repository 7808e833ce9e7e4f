import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PlatformError } from '#kit/errors.ts';
import { FillFailed, FillRefused } from './fill-errors.ts';

/** What is copied from where to where. */
export interface TarCopy {
  readonly source: string;
  readonly target: string;
  /** Below both, one character for each byte; directories without what is in them. */
  readonly names: Iterable<string>;
  /** True where files may change and go meanwhile. */
  readonly isLive: boolean;
  readonly signal: AbortSignal;
  /** Told of bytes as they are read. */
  readonly onBytes: (count: number) => void;
}

/** Between two programs at a time: large, so that neither waits for the other at each block. In units of 512 bytes. */
const RECORD_BLOCKS = 2_048;
const BLOCK_BYTES = 512;
/** Names that are handed over at a time, in bytes. */
const NAMES_BYTES = 65_536;
/** What is kept of what a program says. */
const MAX_WORDS = 2_000;
/** Attributes that users give, and what lets a program do more than its user; those of the machine's own rules are its own. */
const ATTRIBUTES = [
  '--xattrs',
  '--acls',
  '--xattrs-include=user.*',
  '--xattrs-include=security.capability',
  '--numeric-owner',
  `--blocking-factor=${RECORD_BLOCKS}`,
];
const READING = [
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime',
  '--warning=no-file-ignored',
  '--checkpoint=1',
  '--checkpoint-action=echo=record',
];
const WRITING = ['--preserve-permissions', '--same-owner', '--delay-directory-restore', '--read-full-records', '--warning=no-timestamp'];

/**
 * Copies files as they are, with owners, times, attributes, access lists, holes and devices: GNU tar reads them and another writes them. That never follows a link,
 * neither at the end nor on the way of what it writes. @throws FillFailed where anything is not copied
 */
export async function copyByTar({ source, target, names, isLive, signal, onBytes }: TarCopy): Promise<void> {
  const tolerant = isLive ? ['--ignore-failed-read', '--warning=no-failed-read'] : [];
  const reading = [
    '--create',
    '--file=-',
    `--directory=${source}`,
    '--null',
    '--no-recursion',
    '--sparse',
    ...tolerant,
    ...READING,
    '--files-from=-',
  ];
  const writing = ['--extract', '--file=-', `--directory=${target}`, ...WRITING];
  const reader = spawn('tar', [...ATTRIBUTES, ...reading], { stdio: ['pipe', 'pipe', 'pipe'], signal });
  const writer = spawn('tar', [...ATTRIBUTES, ...writing], { stdio: [reader.stdout, 'ignore', 'pipe'], signal });
  // why: as long as this process holds it too, the reader would never learn that the writer is gone
  reader.stdout.destroy();
  const read = wordsOf(reader, (line) => {
    const isRecord = line.endsWith(': record');
    if (isRecord) onBytes(RECORD_BLOCKS * BLOCK_BYTES);
    return !isRecord;
  });
  const written = wordsOf(writer, () => true);
  const given = pipeline(Readable.from(chunksOf(names)), reader.stdin).catch((thrown: unknown) => thrown);
  const [readWords, writtenWords, problem] = await Promise.all([read, written, given]);
  // why any word: what the writer can't keep of a file, as an attribute, it says and goes on
  if (writtenWords.code !== 0 || writtenWords.words !== '') throw new FillFailed(`not all could be written: ${writtenWords.words}`);
  const isFine = readWords.code === 0 || (isLive && readWords.code === 1);
  if (!isFine) throw new FillFailed(`not all could be read: ${readWords.words}`);
  // why last: where a program is gone, so is who takes the names
  if (problem !== undefined)
    throw new FillFailed(`it could not be found out what is to be copied: ${PlatformError.from(problem).message}`, problem);
}

function* chunksOf(names: Iterable<string>): Generator<Buffer> {
  let chunk: string[] = [];
  let size = 0;
  for (const name of names) {
    // why from here: a name that begins with a dash is none of tar's options
    chunk.push(name === '' ? '.\0' : `./${name}\0`);
    size += name.length + 3;
    if (size < NAMES_BYTES) continue;
    yield Buffer.from(chunk.join(''), 'latin1');
    [chunk, size] = [[], 0];
  }
  if (chunk.length > 0) yield Buffer.from(chunk.join(''), 'latin1');
}

/** How a program ended, and what of its words `counts`. @throws FillRefused where there is no such program */
function wordsOf(
  program: ChildProcess,
  counts: (line: string) => boolean,
): Promise<{ readonly code: number | null; readonly words: string }> {
  let [words, rest] = ['', ''];
  program.stderr?.setEncoding('utf8');
  program.stderr?.on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (counts(line) && words.length < MAX_WORDS) words += `${words === '' ? '' : '; '}${line}`;
  });
  return new Promise((resolve, reject) => {
    program.on('close', (code) => resolve({ code, words }));
    program.on('error', (error) => {
      const isMissing = program.pid === undefined && 'code' in error && error.code === 'ENOENT';
      reject(isMissing ? new FillRefused('the image has no GNU tar, which copies volumes: use one that has', error) : error);
    });
  });
}
