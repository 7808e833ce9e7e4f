import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { announceRelease, holderOf, lockDirectory } from './directory-lock.ts';
import { StoreLocked } from './store-errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stowage-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const pidFile = () => join(directory, 'store.pid');
const MODULE = new URL('directory-lock.ts', import.meta.url).href;

/** Runs `script` in a process of its own with the module as `lock` and the directory as `dir`; resolves at its first word. */
async function inProcess(script: string): Promise<{ readonly pid: number; kill(): Promise<void> }> {
  const code = `const lock = await import(${JSON.stringify(MODULE)}); const dir = ${JSON.stringify(directory)}; ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    kill: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const WORKS = 'globalThis.held = lock.lockDirectory(dir); console.log("works"); setInterval(() => {}, 1000)';

it('says whose the directory is while somebody works on it, and nobody’s before and after', async () => {
  expect(holderOf(directory)).toBeUndefined();
  const holder = await inProcess(WORKS);
  expect(holderOf(directory)).toEqual({ pid: holder.pid, isStopping: false });
  expect(holderOf(directory)).toEqual({ pid: holder.pid, isStopping: false });
  expect(() => lockDirectory(directory)).toThrow(StoreLocked);
  await holder.kill();
  expect(holderOf(directory)).toBeUndefined();
});

it('leaves no number behind when it is released', () => {
  const lock = lockDirectory(directory);
  expect(Number.parseInt(readFileSync(pidFile(), 'utf8'))).toBe(process.pid);
  lock.release();
  lock.release();
  expect(existsSync(pidFile())).toBe(false);
});

it.each([
  { name: 'of a process that is gone', left: () => '4194304\n17\n' },
  { name: 'that another process has by now', left: () => `${process.ppid}\n17\n` },
  { name: 'that is none', left: () => 'x\n' },
])('a number $name is not taken for the holder’s', async ({ left }) => {
  const holder = await inProcess(WORKS);
  writeFileSync(pidFile(), left());
  expect(holderOf(directory)).toEqual({ pid: undefined, isStopping: false });
  expect(() => lockDirectory(directory)).toThrow(/in use by another process/);
  await holder.kill();
});

it('a number of an earlier version, without a time, is believed', async () => {
  const holder = await inProcess(WORKS);
  writeFileSync(pidFile(), `${holder.pid}\n`);
  expect(holderOf(directory)).toEqual({ pid: holder.pid, isStopping: false });
  await holder.kill();
});

it('looking at a directory holds up nobody who looks too or starts to work on it', async () => {
  lockDirectory(directory).release();
  const looks = 'console.log("looks"); for (;;) if (lock.holderOf(dir) !== undefined) console.log("sees");';
  const lookers = await Promise.all([inProcess(looks), inProcess(looks)]);
  let seen = 0;
  for (let round = 0; round < 200; round += 1) {
    if (holderOf(directory) !== undefined) seen += 1;
    lockDirectory(directory).release();
  }
  await Promise.all(lookers.map((looker) => looker.kill()));
  expect(seen).toBe(0);
});

it('lets its holder stop where nothing can be written', () => {
  expect(() => announceRelease(join(directory, 'gone'))).not.toThrow();
});

it('says that its holder is stopping, and of no other', async () => {
  const stopping = await inProcess(`lock.announceRelease(dir); ${WORKS}`);
  expect(holderOf(directory)).toEqual({ pid: stopping.pid, isStopping: true });
  await stopping.kill();
  const next = await inProcess(WORKS);
  expect(holderOf(directory)).toEqual({ pid: next.pid, isStopping: false });
  await next.kill();
  const lock = lockDirectory(directory);
  announceRelease(directory);
  lock.release();
  expect(existsSync(join(directory, 'store.stopping'))).toBe(false);
});
