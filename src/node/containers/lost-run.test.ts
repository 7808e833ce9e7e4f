import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import type { RunPaths } from '../node-paths.ts';
import { endLostRun } from './lost-run.ts';
import { observeRun, RUN_FILES } from './run-state.ts';
import { spawnShim } from './shim.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');

let run: RunPaths;
beforeEach(() => {
  const dir = mkdtempSync(join(tmpdir(), 'stowage-lost-'));
  mkdirSync(join(dir, 'state'));
  run = { dir, runtimeId: `unit-${process.pid}.main.0`, cgroup: '/no-such-cgroup' };
});
afterEach(() => rmSync(run.dir, { recursive: true, force: true }));

const end = (): Promise<boolean> => endLostRun(run, { file: RUN_FILES.shim, nowMs: NOW });
const claim = (): string => join(run.dir, RUN_FILES.shim);

it.each([
  { name: 'no shim ever came', text: undefined, ageMs: 0, want: true },
  { name: 'the shim is gone', text: '99999999\n', ageMs: 0, want: true },
  { name: 'the shim is about to say its number', text: '', ageMs: 1_000, want: false },
  { name: 'the shim was killed before it said its number', text: '', ageMs: 60_000, want: true },
])('a lost run is over: $name', async ({ text, ageMs, want }) => {
  if (text !== undefined) {
    writeFileSync(claim(), text);
    utimesSync(claim(), (NOW - ageMs) / 1000, (NOW - ageMs) / 1000);
  }
  expect(await end()).toBe(want);
});

it('is not over while something of it lives, which is killed', async () => {
  const left = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)', run.runtimeId], { stdio: 'ignore' });
  const ended = once(left, 'exit');
  await eventually(() => expect(readFileSync(`/proc/${left.pid}/cmdline`, 'utf8')).toContain(run.runtimeId));
  const record = { attempt: 0, restartCount: 0, backoffStep: 0, createdAtMs: NOW, image: 'i', imageId: 'i', bootId: 'this' };
  writeFileSync(join(run.dir, RUN_FILES.record), JSON.stringify(record));
  const observe = () => observeRun(run, { nowMs: NOW + 60_000, bootId: 'this' });
  // why not exited: a new run of the container would write beside what is left of this one
  expect(await observe()).toMatchObject({ state: { phase: 'starting' } });
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(await observe()).toMatchObject({ state: { phase: 'exited', reason: 'ContainerStatusUnknown' } });
});

it('a shim that comes after its run was given up does nothing', async () => {
  expect(await end()).toBe(true);
  // why a shell in busybox's place: only its `sh` is needed to come this far
  const shell = join(run.dir, 'shell');
  writeFileSync(shell, '#!/bin/sh\nshift\nsh "$@"\necho "$?" >left\n', { mode: 0o755 });
  spawnShim({
    run,
    busybox: shell,
    runc: '/bin/false',
    runcRoot: run.dir,
    imageRoot: '.',
    oomFile: '',
    hasStdin: false,
    onError: (error) => expect.unreachable(error.message),
  });
  await eventually(() => expect(readFileSync(join(run.dir, 'left'), 'utf8')).not.toBe('0\n'));
  expect(existsSync(join(run.dir, 'start-error'))).toBe(false);
  expect(existsSync(join(run.dir, RUN_FILES.exit))).toBe(false);
  expect(readFileSync(claim(), 'utf8')).toBe('0\n');
});
