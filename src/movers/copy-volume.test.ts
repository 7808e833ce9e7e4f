import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWith } from '#testing/requirements.ts';
import { copyVolume } from './copy-volume.ts';
import type { Progress } from './fill.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00.123Z');
/** Everything was changed before it: only what differs is copied. */
const LATER_SEC = 4_000_000_000;

let root: string;
let progress: Progress;
const from = (...parts: readonly string[]): string => path.join(root, 'source', ...parts);
const to = (...parts: readonly string[]): string => path.join(root, 'target', ...parts);
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stowage-move-'));
  for (const folder of ['source/deep/deeper', 'target', 'outside']) mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(from('file'), 'hello');
  writeFileSync(from('deep/deeper/more'), 'x'.repeat(3_000));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function copy(over: { readonly isLast?: boolean; readonly sinceSec?: number; readonly isBlock?: boolean } = {}): Promise<void> {
  progress = { doneBytes: 0, totalBytes: undefined };
  const order = { kind: 'volume', isBlock: false, isLast: false, progress: { port: 0, path: '/' }, ...over } as const;
  await copyVolume(order, {
    sourceDir: over.isBlock === true ? from('file') : from(),
    targetDir: over.isBlock === true ? to('file') : to(),
    progress,
    signal: new AbortController().signal,
  });
}

const factsOf = (place: string): unknown => {
  const { mode, uid, gid, size, mtimeMs } = lstatSync(place);
  return { mode, uid, gid, size, mtimeMs };
};

describe('VOL-20: the copy of a volume', () => {
  it('has the files as they are: owners, permissions, times, links, several names, pipes, attributes and holes', async () => {
    chmodSync(from('file'), 0o4751);
    symlinkSync('/etc/passwd', from('deep/away'));
    linkSync(from('file'), from('deep/same'));
    execFileSync('mkfifo', [from('pipe')]);
    execFileSync('mknod', [from('null'), 'c', '1', '3']);
    writeFileSync(from('sparse'), '');
    truncateSync(from('sparse'), 64 << 20);
    for (const name of ['-x', 'with\nline', 'ünï']) writeFileSync(from(name), name);
    writeFileSync(Buffer.concat([Buffer.from(`${from()}/`), Buffer.from([0x62, 0xff])]), 'no text');
    chownSync(from('deep'), 1_234, 4_321);
    utimesSync(from('deep'), LONG_AGO, LONG_AGO);
    utimesSync(from('file'), LONG_AGO, LONG_AGO);
    await copy();
    await copy({ isLast: true, sinceSec: LATER_SEC });
    for (const name of ['.', 'file', 'deep', 'deep/deeper', 'deep/deeper/more', 'pipe', '-x', 'with\nline', 'ünï'])
      expect([name, factsOf(to(name))]).toEqual([name, factsOf(from(name))]);
    expect(readlinkSync(to('deep/away'))).toBe('/etc/passwd');
    expect(lstatSync(to('deep/same')).ino).toBe(lstatSync(to('file')).ino);
    expect([lstatSync(to('null')).rdev, lstatSync(to('pipe')).isFIFO()]).toEqual([lstatSync(from('null')).rdev, true]);
    expect([lstatSync(to('sparse')).size, lstatSync(to('sparse')).blocks]).toEqual([64 << 20, 0]);
    expect(readdirSync(to(), 'latin1').toSorted()).toEqual(readdirSync(from(), 'latin1').toSorted());
  });

  it.each([
    { what: 'attributes', option: 'SCHILY.xattr.user.color:=blue', found: 'SCHILY.xattr.user.color=blue' },
    {
      what: 'access lists',
      option: 'SCHILY.acl.access:=user::rwx\nuser:1234:r-x\ngroup::r-x\nmask::r-x\nother::---',
      found: 'user:1234:r-x',
    },
  ])('keeps $what, also of directories', async ({ option, found }) => {
    const archive = path.join(root, 'a.tar');
    execFileSync('tar', ['--format=posix', `--pax-option=${option}`, '-cf', archive, 'file', 'deep'], { cwd: from() });
    execFileSync('tar', ['--xattrs', '--acls', '-xf', archive], { cwd: from() });
    await copy();
    for (const name of ['file', 'deep']) {
      const packed = execFileSync('tar', ['--xattrs', '--acls', '--numeric-owner', '--no-recursion', '-cf', '-', name], { cwd: to() });
      expect([name, packed.toString('latin1')]).toEqual([name, expect.stringContaining(found)]);
    }
  });

  it('copies only what has changed, and takes away what went', async () => {
    await copy();
    const kept = lstatSync(to('deep/deeper/more')).ino;
    rmSync(from('file'));
    mkdirSync(from('file'));
    writeFileSync(from('new'), 'new');
    mkdirSync(to('stray/below'), { recursive: true });
    await copy({ isLast: true, sinceSec: LATER_SEC });
    expect(readdirSync(to()).toSorted()).toEqual(['deep', 'file', 'new']);
    expect([lstatSync(to('file')).isDirectory(), lstatSync(to('deep/deeper/more')).ino]).toEqual([true, kept]);
  });

  it('copies what was changed under its old time and size', async () => {
    utimesSync(from('file'), LONG_AGO, LONG_AGO);
    await copy();
    const sinceSec = Math.floor(lstatSync(from('file')).ctimeMs / 1_000);
    writeFileSync(from('file'), 'other');
    utimesSync(from('file'), LONG_AGO, LONG_AGO);
    await copy({ isLast: true, sinceSec });
    expect(readFileSync(to('file'), 'utf8')).toBe('other');
  });

  it('parts names that are no longer one file, and joins those that became one', async () => {
    linkSync(from('file'), from('same'));
    await copy();
    rmSync(from('same'));
    writeFileSync(from('same'), 'alone');
    linkSync(from('deep/deeper/more'), from('joined'));
    await copy({ isLast: true, sinceSec: LATER_SEC });
    expect([readFileSync(to('file'), 'utf8'), readFileSync(to('same'), 'utf8')]).toEqual(['hello', 'alone']);
    expect(lstatSync(to('joined')).ino).toBe(lstatSync(to('deep/deeper/more')).ino);
  });

  it('never follows a link: neither a directory that became one, nor out of what is written', async () => {
    await copy();
    rmSync(from('deep'), { recursive: true });
    symlinkSync(path.join(root, 'outside'), from('deep'));
    writeFileSync(path.join(root, 'outside/secret'), 'treasure');
    await copy({ isLast: true, sinceSec: LATER_SEC });
    expect([readlinkSync(to('deep')), readdirSync(path.join(root, 'outside'))]).toEqual([path.join(root, 'outside'), ['secret']]);
    rmSync(from('deep'));
    mkdirSync(from('deep'));
    writeFileSync(from('deep/file'), 'inside');
    await copy({ isLast: true, sinceSec: LATER_SEC });
    expect([readFileSync(to('deep/file'), 'utf8'), existsSync(path.join(root, 'outside/file'))]).toEqual(['inside', false]);
  });

  it('says how much there is, and how far it is', async () => {
    writeFileSync(from('large'), Buffer.alloc(20 << 20, 1));
    await copy();
    expect(progress.totalBytes).toBeGreaterThanOrEqual(20 << 20);
    expect(progress.doneBytes).toBeGreaterThanOrEqual(20 << 20);
    await copy({ sinceSec: LATER_SEC });
    expect(progress).toEqual({ doneBytes: expect.any(Number), totalBytes: 0 });
  });

  it('does not count as copied what came while it was copied', async () => {
    writeFileSync(from('large'), Buffer.alloc(4 << 20, 1));
    const growing = {
      totalBytes: undefined,
      get doneBytes(): number {
        return 0;
      },
      set doneBytes(_count: number) {
        writeFileSync(from('late'), 'late');
      },
    };
    const order = { kind: 'volume', isBlock: false, isLast: true, progress: { port: 0, path: '/' } } as const;
    const signal = new AbortController().signal;
    await expect(copyVolume(order, { sourceDir: from(), targetDir: to(), progress: growing, signal })).rejects.toThrow(
      'is not as in the old volume after it was copied',
    );
  });

  it('of a device writes only what differs', async () => {
    const bytes = Buffer.alloc(9 << 20);
    bytes.fill('begin', 0, 100);
    bytes.fill('end', (9 << 20) - 10);
    writeFileSync(from('file'), bytes);
    writeFileSync(to('file'), '');
    truncateSync(to('file'), 16 << 20);
    await copy({ isBlock: true });
    expect(
      readFileSync(to('file'))
        .subarray(0, 9 << 20)
        .equals(bytes),
    ).toBe(true);
    expect(lstatSync(to('file')).blocks * 512).toBeLessThanOrEqual(256 << 10);
    expect(progress).toEqual({ doneBytes: 9 << 20, totalBytes: 9 << 20 });
    truncateSync(to('file'), 8 << 20);
    await expect(copy({ isBlock: true })).rejects.toThrow('the new device has 8388608 bytes, and the old one 9437184');
  });
});

describeWith(['mount'], 'VOL-20: the copy into a volume that is too small', () => {
  it('is not begun: the numbers are said', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', to()]);
    try {
      writeFileSync(from('large'), Buffer.alloc(8 << 20, 1));
      await expect(copy()).rejects.toThrow(
        /^the data takes 10Mi in 3 files, and the new volume has room for 4Mi: ask for a size that is larger by 6Mi at least$/,
      );
      expect(readdirSync(to())).toEqual([]);
    } finally {
      execFileSync('umount', [to()]);
    }
  });
});
