import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tarOf, type TarFile } from '#testing/builders/tar.ts';
import { FillRefused } from './fill-errors.ts';
import { FillTarget } from './fill-target.ts';
import { unpack } from './unpack.ts';

const MI = 1n << 20n;

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stowage-unpack-'));
  mkdirSync(path.join(root, 'volume'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const volume = (...parts: readonly string[]): string => path.join(root, 'volume', ...parts);

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Wanted {
  readonly maxBytes?: bigint;
  readonly into?: string;
  readonly part?: string;
  readonly pieceBytes?: number;
}

async function fill(bytes: Uint8Array, { maxBytes = 10n * MI, into = '/', part, pieceBytes = 700 }: Wanted = {}): Promise<void> {
  const target = new FillTarget(volume(), maxBytes);
  await unpack(inPieces(bytes, pieceBytes), { target, into, part, fileName: 'content' });
  await target.finish();
}

/** All that lies in the folder, as `path kind`. */
function treeOf(folder: string, below = ''): readonly string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name);
    return entry.isDirectory() ? [`${name}/`, ...treeOf(folder, name)] : [name];
  });
}

describe('unpack', () => {
  it.each([
    { name: 'plain', pack: (tar: Buffer) => tar },
    { name: 'gzip', pack: (tar: Buffer) => gzipSync(tar) },
    {
      name: 'two members of gzip',
      pack: (tar: Buffer) => Buffer.concat([gzipSync(tar.subarray(0, 1_000)), gzipSync(tar.subarray(1_000))]),
    },
    { name: 'zstd', pack: (tar: Buffer) => zstdCompressSync(tar) },
  ])('VOL-15: has the files of an archive of tar(1), $name: names, bytes, permissions, times, links', async ({ pack }) => {
    const from = path.join(root, 'from');
    const long = `${'long/'.repeat(40)}${'n'.repeat(120)}`;
    mkdirSync(path.join(from, path.dirname(long)), { recursive: true });
    writeFileSync(path.join(from, long), 'far down', { mode: 0o640 });
    writeFileSync(path.join(from, 'run.sh'), 'echo\n', { mode: 0o755 });
    writeFileSync(path.join(from, 'größe'), '');
    symlinkSync(`../${path.basename(long)}`, path.join(from, 'long', 'up'));
    symlinkSync('long/long', path.join(from, 'down'));
    utimesSync(path.join(from, 'run.sh'), 1_700_000_000, 1_700_000_000);
    for (const format of ['gnu', 'posix']) {
      await fill(pack(execFileSync('tar', ['c', `--format=${format}`, '-C', from, '.'], { maxBuffer: 1 << 24 })), { into: `/${format}` });
      expect(treeOf(volume(format)).toSorted()).toEqual(treeOf(from).toSorted());
      expect(readFileSync(volume(format, long), 'utf8')).toBe('far down');
      expect(readlinkSync(volume(format, 'down'))).toBe('long/long');
      const { mode, mtimeMs } = lstatSync(volume(format, 'run.sh'));
      expect([mode & 0o7777, mtimeMs]).toEqual([0o755, 1_700_000_000_000]);
    }
  });

  it('takes only a part, puts it below a directory, and follows other names of a file', async () => {
    const files: readonly TarFile[] = [
      { name: 'a/site/index', body: 'i' },
      { name: 'a/site/same', type: '1', to: 'a/site/index' },
      { name: 'a/other', body: 'o' },
      { name: 'a/sitemap', body: 'm' },
    ];
    await fill(tarOf(files), { part: '/a/site/', into: '/www' });
    expect(treeOf(volume())).toEqual(['www/', 'www/index', 'www/same']);
    expect(readFileSync(volume('www/same'), 'utf8')).toBe('i');
    await expect(fill(tarOf(files), { part: 'b' })).rejects.toThrow('the archive has nothing below "b"');
  });

  it('takes what is no archive as one file', async () => {
    await fill(gzipSync('just text'), { into: 'texts' });
    expect(readFileSync(volume('texts/content'), 'utf8')).toBe('just text');
  });

  it('lets nobody run as somebody else', async () => {
    await fill(tarOf([{ name: 'sudo', body: 'x', mode: 0o6755 }]));
    expect(lstatSync(volume('sudo')).mode & 0o7777).toBe(0o755);
  });

  const escape = { name: 'out', body: 'x' };
  it.each<{ readonly name: string; readonly files: readonly TarFile[]; readonly says: string }>([
    { name: 'a path upwards', files: [{ ...escape, name: 'a/../../out' }], says: 'the path "a/../../out" leads out of the archive ("..")' },
    { name: 'an absolute path', files: [{ ...escape, name: '/etc/out' }], says: 'the path "/etc/out" is absolute' },
    { name: 'a directory upwards', files: [{ name: '../out/', type: '5' }], says: 'leads out of the archive' },
    {
      name: 'a link upwards',
      files: [{ name: 'l', type: '2', to: '../../etc' }],
      says: 'the link "l" to "../../etc" leads out of the volume',
    },
    { name: 'an absolute link', files: [{ name: 'l', type: '2', to: '/etc' }], says: 'is absolute' },
    { name: 'a link that comes back out', files: [{ name: 'l', type: '2', to: 'a/../../out' }], says: 'leads out of the volume' },
    {
      name: 'a path over a link',
      files: [
        { name: 'd/', type: '5' },
        { name: 'l', type: '2', to: 'd' },
        { ...escape, name: 'l/out' },
      ],
      says: 'lies below "l", which is no directory',
    },
    {
      name: 'a directory over a link',
      files: [
        { name: 'd/', type: '5' },
        { name: 'l', type: '2', to: 'd' },
        { name: 'l/', type: '5' },
      ],
      says: 'lies below "l"',
    },
    { name: 'another name of a file outside', files: [{ name: 'same', type: '1', to: '/etc/passwd' }], says: 'absolute' },
    { name: 'another name of what is not there', files: [{ name: 'same', type: '1', to: 'x' }], says: 'is no file before it' },
    {
      name: 'another name of a link',
      files: [
        { name: 'l', type: '2', to: 'x' },
        { name: 'same', type: '1', to: 'l' },
      ],
      says: 'is no file before it',
    },
    { name: 'a device', files: [{ name: 'sda', type: '4' }], says: '"sda" is a device or a pipe' },
    { name: 'a pipe', files: [{ name: 'p', type: '6' }], says: 'is a device or a pipe' },
    {
      name: 'a file below a file',
      files: [
        { name: 'f', body: 'x' },
        { ...escape, name: 'f/out' },
      ],
      says: 'lies below "f", which is no directory',
    },
    { name: 'a kind of the future', files: [{ name: 'x', type: 'Z' }], says: "of a kind that can't be unpacked" },
    { name: 'a sparse file of old', files: [{ name: 'x', type: 'S' }], says: "of a kind that can't be unpacked" },
  ])('VOL-15: refuses $name, and writes nothing outside', async ({ files, says }) => {
    await expect(fill(tarOf(files))).rejects.toThrow(says);
    await expect(fill(tarOf(files))).rejects.toBeInstanceOf(FillRefused);
    expect(treeOf(root).filter((name) => !name.startsWith('volume/'))).toEqual([]);
  });

  it('writes a file in the place of a link, and not behind it', async () => {
    const files: readonly TarFile[] = [
      { name: 'aim', body: 'old' },
      { name: 'l', type: '2', to: 'aim' },
      { name: 'l', body: 'new' },
    ];
    await fill(tarOf(files));
    expect([readFileSync(volume('aim'), 'utf8'), lstatSync(volume('l')).isFile()]).toEqual(['old', true]);
  });

  it('VOL-15: a bomb ends at the size of the claim, and is said to', async () => {
    const bomb = gzipSync(tarOf([{ name: 'zeros', body: Buffer.alloc(64 << 20) }]));
    await expect(fill(bomb, { maxBytes: MI, pieceBytes: 1 << 16 })).rejects.toThrow('at "zeros" there is more than the 1Mi of the claim');
    expect(lstatSync(volume('zeros')).size).toBeLessThanOrEqual(Number(MI));
  });

  it('VOL-15: a million empty files are not nothing', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 1_000_000; index += 1) yield tarOf([{ name: `f${index}`, body: '' }]).subarray(0, 512);
    }
    const target = new FillTarget(volume(), MI);
    await expect(unpack(endless(), { target, into: '/', part: undefined, fileName: 'x' })).rejects.toThrow('each file counts at least 4Ki');
    expect(readdirSync(volume())).toHaveLength(256);
  });

  it.each([
    {
      name: 'cut off in a file',
      bytes: tarOf([{ name: 'a', body: 'x'.repeat(2_000) }]).subarray(0, 1_500),
      says: 'in the middle of a file',
    },
    {
      name: 'cut off in gzip',
      bytes: gzipSync(tarOf([{ name: 'a', body: 'x'.repeat(2_000) }])).subarray(0, 60),
      says: "can't be unpacked",
    },
    { name: 'damaged', bytes: damaged(tarOf([{ name: 'a', body: 'x' }])), says: 'the checksum of an entry is wrong' },
    { name: 'packed by xz', bytes: Buffer.from('fd377a585a0000', 'hex'), says: 'it is packed by xz: use gzip, zstd' },
  ])('tells of an archive that is $name', async ({ bytes, says }) => {
    await expect(fill(bytes)).rejects.toThrow(says);
  });
});

function damaged(tar: Buffer): Buffer {
  tar[0] = (tar[0] ?? 0) + 1;
  return tar;
}
