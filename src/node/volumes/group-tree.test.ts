import { spawn } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Exec, SystemExec } from '#kit/exec.ts';
import { describeWith } from '#testing/requirements.ts';
import { Mounter } from '#linux/mounter.ts';
import { applyFsGroup } from './fs-group.ts';
import { giveTree } from './group-tree.ts';

const CHANGE = { gid: 4321, directoryMode: 0o2770, fileMode: 0o660 };
const exec = new SystemExec();

let dir: string;
let top: string;
let outside: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-group-'));
  top = join(dir, 'top');
  outside = join(dir, 'outside');
  mkdirSync(top);
  mkdirSync(outside, { mode: 0o700 });
  writeFileSync(join(outside, 'file'), '', { mode: 0o600 });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const factsOf = (path: string): string => {
  const { gid, mode } = lstatSync(path);
  return `${gid} ${(mode & 0o7777).toString(8)}`;
};
const outsideFacts = (): readonly string[] => [factsOf(outside), factsOf(join(outside, 'file'))];

describeWith(['root'], 'VOL-13: a tree that is given to a group', () => {
  it.each([
    { name: 'a program with the setuid bit keeps it', mode: 0o4755, want: '4321 4775' },
    { name: 'a file that nobody may read is read and written by owner and group', mode: 0o000, want: '4321 660' },
    { name: 'a file that is right already', mode: 0o660, want: '4321 660' },
  ])('$name', ({ mode, want }) => {
    writeFileSync(join(top, 'f'), '');
    chmodSync(join(top, 'f'), mode);
    giveTree(top, CHANGE);
    expect(factsOf(join(top, 'f'))).toBe(want);
    expect(factsOf(top)).toBe('4321 2775');
  });

  it('takes links, pipes and names that are no text, and touches nothing that links lead to', async () => {
    const before = outsideFacts();
    symlinkSync(outside, join(top, 'link'));
    symlinkSync(join(outside, 'file'), join(top, 'to-file'));
    symlinkSync('nowhere', join(top, 'dangling'));
    await exec.run(['mkfifo', '-m', '600', join(top, 'pipe')]);
    mkdirSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.of(0xff, 0xfe)]));
    writeFileSync(Buffer.concat([Buffer.from(`${top}/`), Buffer.of(0xff, 0xfe, 0x2f, 0xc3)]), '');
    giveTree(top, CHANGE);
    expect(outsideFacts()).toEqual(before);
    for (const name of ['link', 'to-file', 'dangling']) expect(lstatSync(join(top, name)).gid).toBe(4321);
    expect(factsOf(join(top, 'pipe'))).toBe('4321 660');
    const [found] = readdirSync(Buffer.from(top), { encoding: 'buffer' }).filter((name) => name[0] === 0xff);
    const odd = Buffer.concat([Buffer.from(`${top}/`), found ?? Buffer.of()]);
    expect(lstatSync(odd).gid).toBe(4321);
    expect(lstatSync(Buffer.concat([odd, Buffer.of(0x2f, 0xc3)])).gid).toBe(4321);
  });

  it('goes deeper than a path can be long, and comes back to what lies beside', () => {
    const home = process.cwd();
    mkdirSync(join(top, 'z-beside'));
    writeFileSync(join(top, 'z-beside/file'), '');
    process.chdir(top);
    try {
      for (let depth = 0; depth < 1_000; depth += 1) {
        mkdirSync('deep');
        process.chdir('deep');
      }
      writeFileSync('last', '');
      const before = readdirSync('/proc/self/fd').length;
      giveTree(top, CHANGE);
      expect(lstatSync('last').gid).toBe(4321);
      expect(readdirSync('/proc/self/fd')).toHaveLength(before);
    } finally {
      process.chdir(home);
    }
    expect(factsOf(join(top, 'z-beside/file'))).toBe('4321 664');
  });

  it('leaves what is mounted inside alone', async () => {
    const mounter = new Mounter(exec);
    const inside = join(top, 'inside');
    await mounter.ensureMemory({ path: inside, mode: 0o700 });
    try {
      writeFileSync(join(inside, 'file'), '', { mode: 0o600 });
      giveTree(top, CHANGE);
      expect([factsOf(inside), factsOf(join(inside, 'file'))]).toEqual(['0 700', '0 600']);
    } finally {
      await mounter.unmountBelow(dir);
    }
  });

  it('is given by a program only where there is something in it', async () => {
    const ran: string[] = [];
    const counting: Exec = { run: (argv, options) => (ran.push(argv[1] ?? ''), exec.run(argv, options)) };
    const group = { dir: top, gid: 4321, policy: 'Always', isReadOnly: false };
    chmodSync(top, 0o1777);
    await applyFsGroup(counting, group);
    expect({ ran, top: factsOf(top) }).toEqual({ ran: [], top: '4321 3777' });
    writeFileSync(join(top, 'f'), '', { mode: 0o600 });
    await applyFsGroup(counting, group);
    expect({ ran, file: factsOf(join(top, 'f')) }).toEqual({ ran: [expect.stringMatching(/give-tree\.ts$/)], file: '4321 660' });
  });

  it('says of which group and why a volume could not be given', async () => {
    await expect(applyFsGroup(exec, { dir: join(dir, 'no'), gid: 7, policy: 'Always', isReadOnly: false })).rejects.toMatchObject({
      reason: 'FailedMount',
      message: expect.stringMatching(/group 7 \(fsGroup\): ENOENT/),
    });
  });

  it('never leaves the volume while a pod swaps directories and files for links', async () => {
    for (let index = 0; index < 200; index += 1) {
      mkdirSync(join(top, `d${index}`));
      writeFileSync(join(top, `d${index}/file`), '');
    }
    const before = outsideFacts();
    const loop =
      'while :; do mv d100 gone; ln -s ../outside d100; rm d100; mv gone d100; mv f gone; ln -s ../outside/file f; rm f; mv gone f; done';
    writeFileSync(join(top, 'f'), '');
    const swapping = spawn('sh', ['-c', loop], { cwd: top, stdio: 'ignore' });
    try {
      for (let round = 0; round < 60; round += 1) {
        giveTree(top, { ...CHANGE, gid: 4_000 + round });
      }
    } finally {
      const ended = new Promise((resolve) => swapping.once('exit', resolve));
      swapping.kill('SIGKILL');
      await ended;
    }
    expect(outsideFacts()).toEqual(before);
    expect(statSync(join(top, 'd0')).gid).toBe(4_059);
  });
});
