import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { RunPaths } from '../node-paths.ts';
import { observeRun, RUN_FILES } from './run-state.ts';

const CREATED = Date.parse('2026-01-01T00:00:00Z');
const STARTED = CREATED + 1_000;
const ENDED = CREATED + 5_000;

let run: RunPaths;
beforeEach(() => {
  const dir = mkdtempSync(join(tmpdir(), 'stowage-run-'));
  mkdirSync(join(dir, 'state'));
  run = { dir, runtimeId: 'uid.main.0', cgroup: '/no-such-cgroup' };
});
afterEach(() => rmSync(run.dir, { recursive: true, force: true }));

function put(file: string, text: string, timeMs = CREATED): void {
  writeFileSync(join(run.dir, file), text);
  utimesSync(join(run.dir, file), timeMs / 1000, timeMs / 1000);
}
const record = { attempt: 1, restartCount: 2, backoffStep: 3, createdAtMs: CREATED, image: 'busybox', imageId: 'i', bootId: 'this' };
const observe = (over: { readonly nowMs?: number; readonly bootId?: string } = {}) =>
  observeRun(run, { nowMs: over.nowMs ?? CREATED + 60_000, bootId: over.bootId ?? 'this' });

it('is nothing without a record, or with a torn one', async () => {
  expect(await observe()).toBeUndefined();
  put(RUN_FILES.record, '{"attempt":');
  expect(await observe()).toBeUndefined();
});

it.each<{ name: string; files: Record<string, string>; want: object }>([
  { name: 'success', files: { [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '0 \n' }, want: { exitCode: 0, reason: 'Completed' } },
  { name: 'failure', files: { [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '3 \n' }, want: { exitCode: 3, reason: 'Error' } },
  { name: 'out of memory', files: { [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '137 oom\n' }, want: { exitCode: 137, reason: 'OOMKilled' } },
  {
    name: 'a child out of memory, the container well',
    files: { [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '0 oom\n' },
    want: { exitCode: 0, reason: 'Completed' },
  },
  {
    name: 'last words',
    files: { [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '1 \n', [RUN_FILES.terminationLog]: 'no disk' },
    want: { reason: 'Error', message: 'no disk' },
  },
  {
    name: 'many last words',
    files: { [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '1 \n', [RUN_FILES.terminationLog]: 'x'.repeat(5000) },
    want: { message: 'x'.repeat(4096) },
  },
])('an end with $name', async ({ files, want }) => {
  put(RUN_FILES.record, JSON.stringify(record));
  for (const [file, text] of Object.entries(files)) put(file, text, file === RUN_FILES.exit ? ENDED : STARTED);
  expect(await observe()).toMatchObject({ record, state: { phase: 'exited', startedAtMs: STARTED, finishedAtMs: ENDED, ...want } });
});

it('of last words without end it reads the beginning alone', async () => {
  for (const [file, text] of Object.entries({ [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '1 \n', [RUN_FILES.terminationLog]: 'help' }))
    put(file, text);
  put(RUN_FILES.record, JSON.stringify(record));
  // why so long: no string of the runtime can hold it (a sparse file takes no space)
  truncateSync(join(run.dir, RUN_FILES.terminationLog), 2 ** 32);
  expect((await observe())?.state).toMatchObject({ reason: 'Error', message: `help${'\0'.repeat(4092)}` });
});

it('an end without last words tells the end of its log, where the container says so', async () => {
  const lines = Array.from({ length: 200 }, (_, index) => `line ${index}\n`).join('');
  for (const [file, text] of Object.entries({ [RUN_FILES.pid]: '1', [RUN_FILES.exit]: '1 \n', [RUN_FILES.log]: lines })) put(file, text);
  put(RUN_FILES.record, JSON.stringify(record));
  expect((await observe())?.state).not.toHaveProperty('message');
  put(RUN_FILES.record, JSON.stringify({ ...record, tellsLog: true }));
  const { message } = trusted<{ readonly message: string }>((await observe())?.state);
  expect(message.split('\n')).toHaveLength(81);
  expect(message).toMatch(/^line 120\n[^]*line 199\n$/);
  put(RUN_FILES.exit, '0 \n');
  expect((await observe())?.state).not.toHaveProperty('message');
});

it.each([
  { said: 'runc run failed: unable to start: exec: "nope": not found\n', message: 'unable to start: exec: "nope": not found' },
  { said: '', message: 'the container could not be started' },
])('an end before it ran is a start error: $message', async ({ said, message }) => {
  put(RUN_FILES.record, JSON.stringify(record));
  put(RUN_FILES.startError, said);
  put(RUN_FILES.exit, '1 \n', ENDED);
  expect((await observe())?.state).toMatchObject({ reason: 'StartError', exitCode: 128, message, finishedAtMs: ENDED });
});

it('waits a little for a shim that has not shown itself', async () => {
  put(RUN_FILES.record, JSON.stringify(record));
  expect((await observe({ nowMs: CREATED + 4_999 }))?.state).toEqual({ phase: 'starting' });
});

it.each([
  { name: 'never showed itself', files: {}, over: {} },
  { name: 'is of another boot', files: {}, over: { nowMs: CREATED, bootId: 'next' } },
  { name: 'lost shim and process', files: { [RUN_FILES.shim]: '999999999', [RUN_FILES.pid]: '999999998' }, over: {} },
  {
    name: 'has a number that another process has now',
    files: { [RUN_FILES.shim]: String(process.pid), [RUN_FILES.pid]: String(process.pid) },
    over: {},
  },
])('a run that $name ended unknown, and stays so', async ({ files, over }) => {
  put(RUN_FILES.record, JSON.stringify(record));
  for (const [file, text] of Object.entries(files)) put(file, text);
  const first = await observe(over);
  expect(first?.state).toMatchObject({ phase: 'exited', exitCode: 137, reason: 'ContainerStatusUnknown' });
  expect(readFileSync(join(run.dir, RUN_FILES.exit), 'utf8')).toBe('137 unknown\n');
  expect(await observe({ nowMs: CREATED + 10 ** 9 })).toEqual(first);
});

it('lives while its process is in its cgroup, or while its shim has seen it', async () => {
  const [line = ''] = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  put(RUN_FILES.record, JSON.stringify(record));
  put(RUN_FILES.pid, String(process.pid), STARTED);
  run = { ...run, cgroup: line.slice(line.lastIndexOf(':') + 1) };
  expect((await observe())?.state).toEqual({ phase: 'running', startedAtMs: STARTED, pid: process.pid });
  run = { ...run, cgroup: '/no-such-cgroup', runtimeId: process.argv[0] ?? '' };
  put(RUN_FILES.shim, String(process.pid));
  expect(await observe()).toMatchObject({ shimPid: process.pid, state: { phase: 'running' } });
});

it('tells when it was asked to end, and that the platform did', async () => {
  put(RUN_FILES.record, JSON.stringify(record));
  put(RUN_FILES.pid, '1', STARTED);
  put(RUN_FILES.exit, '143 \n', ENDED);
  put(RUN_FILES.term, String(ENDED - 10));
  put(RUN_FILES.platformStop, String(ENDED - 20));
  expect(await observe()).toMatchObject({ termAtMs: ENDED - 10, platformStopAtMs: ENDED - 20 });
});
