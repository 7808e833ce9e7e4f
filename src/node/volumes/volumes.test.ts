import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Exec, SystemExec } from '#kit/exec.ts';
import { describeWith } from '#testing/requirements.ts';
import { Mounter } from '#linux/mounter.ts';
import { applyFsGroup } from './fs-group.ts';
import { prepareHostPath } from './host-path.ts';
import { bindSubPath, checkSubPath } from './sub-path.ts';
import { type WrittenFile, writeFiles } from './written-files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-volumes-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('hostPath types', () => {
  beforeEach(() => {
    mkdirSync(join(dir, 'directory'));
    writeFileSync(join(dir, 'file'), 'content');
  });

  it.each([
    { type: undefined, name: 'directory', want: 'directory' },
    { type: '', name: 'missing', want: 'directory' },
    { type: undefined, name: 'file', want: 'file' },
    { type: 'Directory', name: 'directory', want: 'directory' },
    { type: 'DirectoryOrCreate', name: 'missing/deep', want: 'directory' },
    { type: 'File', name: 'file', want: 'file' },
    { type: 'FileOrCreate', name: 'missing', want: 'file' },
    { type: 'FileOrCreate', name: 'file', want: 'file' },
  ])('$type takes $name', async ({ type, name, want }) => {
    expect(await prepareHostPath({ path: join(dir, name), type })).toMatchObject({ kind: want, hostPath: join(dir, name) });
    expect(statSync(join(dir, name)).isDirectory()).toBe(want === 'directory');
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('content');
  });

  it.each([
    { type: 'Directory', name: 'missing', message: /is not a directory \(there is nothing\); create it/ },
    { type: 'Directory', name: 'file', message: /is not a directory \(something else is there\)/ },
    { type: 'File', name: 'directory', message: /is not a file/ },
    { type: 'FileOrCreate', name: 'no/parent', message: /the parent directory .* does not exist/ },
    { type: 'Socket', name: 'file', message: /is not a socket/ },
    { type: 'CharDevice', name: 'file', message: /is not a character device/ },
    { type: 'BlockDevice', name: 'file', message: /is not a block device/ },
    { type: 'Folder', name: 'file', message: /unknown type "Folder"; known are Directory, / },
    { type: '', name: '../x', message: /must be absolute and without "\.\."/ },
  ])('$type refuses $name', async ({ type, name, message }) => {
    await expect(prepareHostPath({ path: `${dir}/${name}`, type })).rejects.toMatchObject({
      reason: 'FailedMount',
      message: expect.stringMatching(message),
    });
    expect(existsSync(join(dir, 'missing'))).toBe(false);
  });

  it('Socket and CharDevice take what they name', async () => {
    const path = join(dir, 's');
    const server = createServer().listen(path);
    await new Promise((resolve) => server.once('listening', resolve));
    expect(await prepareHostPath({ path, type: 'Socket' })).toMatchObject({ kind: 'file' });
    server.close();
    expect(await prepareHostPath({ path: '/dev/null', type: 'CharDevice' })).toMatchObject({ kind: 'file' });
  });
});

describe('files of configMaps and secrets', () => {
  const file = (text: string, mode = 0o644): WrittenFile => ({ content: Buffer.from(text), mode });
  const read = (name: string) => readFileSync(join(dir, 'v', name), 'utf8');
  const write = (files: Readonly<Record<string, WrittenFile>>) => writeFiles(join(dir, 'v'), new Map(Object.entries(files)));

  it('shows what it is given, below directories too, with the modes', async () => {
    await write({ a: file('1'), 'deep/er/b': file('2', 0o400) });
    expect([read('a'), read('deep/er/b')]).toEqual(['1', '2']);
    expect(statSync(join(dir, 'v/deep/er/b')).mode & 0o777).toBe(0o400);
  });

  it('switches to other content at once, and leaves nothing of the old', async () => {
    await write({ a: file('1'), gone: file('x'), 'dir/gone': file('y') });
    const before = readlinkSync(join(dir, 'v/..data'));
    await write({ a: file('2'), fresh: file('3') });
    expect(readlinkSync(join(dir, 'v/..data'))).not.toBe(before);
    expect(read('a')).toBe('2');
    expect(
      readdirSync(join(dir, 'v'))
        .filter((name) => !name.startsWith('..'))
        .toSorted(),
    ).toEqual(['a', 'fresh']);
    expect(readdirSync(join(dir, 'v')).filter((name) => name.startsWith('..'))).toHaveLength(2);
  });

  it('writes nothing when nothing changed', async () => {
    await write({ a: file('1') });
    const before = statSync(join(dir, 'v/a')).ino;
    await write({ a: file('1') });
    expect(statSync(join(dir, 'v/a')).ino).toBe(before);
  });

  it('goes on after a crash in the middle of a switch', async () => {
    await write({ a: file('1') });
    symlinkSync('nowhere', join(dir, 'v/..data_tmp'));
    rmSync(join(dir, 'v/a'));
    await write({ a: file('2') });
    expect(read('a')).toBe('2');
    expect(readdirSync(join(dir, 'v'))).not.toContain('..data_tmp');
  });

  it.each(['../a', '/etc/passwd', 'a/../../b', '', '..data', 'a//b', '..x/y'])('refuses the path %j', async (path) => {
    await expect(write({ [path]: file('x') })).rejects.toMatchObject({ reason: 'FailedMount' });
    expect(existsSync(join(dir, 'v'))).toBe(false);
  });
});

it.each(['/etc', '..', 'a/../b', '../x', 'a/..'])('subPath %j is refused', (subPath) => {
  expect(() => checkSubPath(subPath)).toThrow(/must be relative and must not contain "\.\."/);
});

describeWith(['root'], 'parts of volumes', () => {
  const mounter = new Mounter(new SystemExec());
  let volumeDir: string;
  let target: string;
  beforeEach(() => {
    volumeDir = join(dir, 'volume');
    target = join(dir, 'bound', '0');
    mkdirSync(join(volumeDir, 'a/b'), { recursive: true });
    writeFileSync(join(volumeDir, 'a/b/file'), 'deep');
    mkdirSync(join(dir, 'secret'));
  });
  afterEach(() => mounter.unmountBelow(join(dir, 'bound')));
  const exec = new SystemExec();
  const bind = (subPath: string) => bindSubPath({ mounter, exec }, { volumeDir, subPath, target });

  it('binds a directory, once', async () => {
    expect(await bind('a/b')).toBe('directory');
    expect(await bind('./a//b/')).toBe('directory');
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('deep');
    expect((await mounter.table()).filter((mount) => mount.mountPoint === target)).toHaveLength(1);
  });

  it('binds a file', async () => {
    expect(await bind('a/b/file')).toBe('file');
    expect(readFileSync(target, 'utf8')).toBe('deep');
  });

  it('makes what is missing, inside the volume', async () => {
    expect(await bind('x/y')).toBe('directory');
    expect(statSync(join(volumeDir, 'x/y')).isDirectory()).toBe(true);
  });

  it.each([{ mode: 0o2775 }, { mode: 0o777 }, { mode: 0o1777 }, { mode: 0o750 }])(
    'makes what is missing with the permissions of the volume ($mode), whatever this process may cut',
    async ({ mode }) => {
      chmodSync(volumeDir, mode);
      await bind("it's/new dir");
      for (const made of ["it's", "it's/new dir"]) expect(statSync(join(volumeDir, made)).mode & 0o7777).toBe(mode & 0o2777);
    },
  );

  it('a killed node leaves no directory with other permissions', async () => {
    chmodSync(volumeDir, 0o777);
    const calls: string[] = [];
    const watched: Exec = {
      run: async (argv, options) => {
        const result = await exec.run(argv, options);
        if (argv[0] === 'sh') calls.push((statSync(join(volumeDir, 'x')).mode & 0o777).toString(8));
        return result;
      },
    };
    await bindSubPath({ mounter: new Mounter(watched), exec: watched }, { volumeDir, subPath: 'x', target });
    expect(calls).toEqual(['777']);
  });

  it('follows links that stay inside', async () => {
    symlinkSync('a/b', join(volumeDir, 'in'));
    expect(await bind('in')).toBe('directory');
    expect(readFileSync(join(target, 'file'), 'utf8')).toBe('deep');
  });

  it.each([
    { name: 'an absolute link', make: () => symlinkSync(join(dir, 'secret'), join(volumeDir, 'out')), subPath: 'out' },
    { name: 'a relative link', make: () => symlinkSync('../secret', join(volumeDir, 'out')), subPath: 'out' },
    { name: 'a link on the way', make: () => symlinkSync('../..', join(volumeDir, 'a/up')), subPath: 'a/up/secret' },
    {
      name: 'a link to a neighbour of the same beginning',
      make: () => (mkdirSync(join(dir, 'volume2')), symlinkSync('../volume2', join(volumeDir, 'out'))),
      subPath: 'out',
    },
    { name: 'a link to the host’s root', make: () => symlinkSync('/', join(volumeDir, 'root')), subPath: 'root/etc' },
    { name: 'a link to what does not exist yet', make: () => symlinkSync('../later', join(volumeDir, 'out')), subPath: 'out/x' },
  ])('refuses $name', async ({ make, subPath }) => {
    make();
    await expect(bind(subPath)).rejects.toMatchObject({ reason: 'FailedMount', message: expect.stringContaining('link') });
    expect(await mounter.isMountPoint(target)).toBe(false);
    expect(existsSync(join(dir, 'later'))).toBe(false);
    expect(readdirSync(join(dir, 'secret'))).toEqual([]);
  });
});

describeWith(['root'], 'fsGroup', () => {
  it('gives a tree to the group, with write and the setgid bit, and does not follow links', async () => {
    const top = join(dir, 'top');
    mkdirSync(join(top, 'sub'), { recursive: true });
    writeFileSync(join(top, 'sub/file'), '');
    chmodSync(join(top, 'sub/file'), 0o600);
    writeFileSync(join(dir, 'outside'), '');
    symlinkSync('../outside', join(top, 'link'));
    await applyFsGroup(new SystemExec(), { dir: top, gid: 4321, policy: 'Always', isReadOnly: false });
    expect(statSync(top)).toMatchObject({ gid: 4321 });
    expect(statSync(top).mode & 0o2070).toBe(0o2070);
    expect(statSync(join(top, 'sub')).mode & 0o2070).toBe(0o2070);
    expect(statSync(join(top, 'sub/file'))).toMatchObject({ gid: 4321 });
    expect(statSync(join(top, 'sub/file')).mode & 0o777).toBe(0o660);
    expect(statSync(join(dir, 'outside')).gid).toBe(0);
  });

  it('lets the group only read what nobody may write', async () => {
    const top = join(dir, 'top');
    mkdirSync(join(top, 'sub'), { recursive: true });
    writeFileSync(join(top, 'sub/key'), '');
    chmodSync(join(top, 'sub/key'), 0o400);
    await applyFsGroup(new SystemExec(), { dir: top, gid: 4321, policy: 'Always', isReadOnly: true });
    expect(statSync(join(top, 'sub/key'))).toMatchObject({ gid: 4321 });
    expect(statSync(join(top, 'sub/key')).mode & 0o7777).toBe(0o440);
    expect(statSync(join(top, 'sub')).mode & 0o7777).toBe(0o2755);
    const changes: string[] = [];
    const exec: Exec = { run: async (argv) => (changes.push(argv.join(' ')), { stdout: '', stderr: '', exitCode: 0 }) };
    await applyFsGroup(exec, { dir: top, gid: 4321, policy: 'OnRootMismatch', isReadOnly: true });
    expect(changes).toEqual([]);
  });

  it('OnRootMismatch leaves a volume alone whose top is right', async () => {
    mkdirSync(join(dir, 'top'));
    const exec = new SystemExec();
    await applyFsGroup(exec, { dir: join(dir, 'top'), gid: 4321, policy: 'Always', isReadOnly: false });
    writeFileSync(join(dir, 'top/file'), '');
    await exec.run(['chgrp', '0', join(dir, 'top/file')]);
    await applyFsGroup(exec, { dir: join(dir, 'top'), gid: 4321, policy: 'OnRootMismatch', isReadOnly: false });
    expect(statSync(join(dir, 'top/file')).gid).toBe(0);
  });
});
