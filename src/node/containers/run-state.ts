import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPaths } from '../node-paths.ts';
import { endLostRun } from './lost-run.ts';
import { hasArgument, isInCgroup } from '../machine/processes.ts';
import { isPresent, modifiedMsIfAny, readRecordIfAny, readTextIfAny, writeTextAtomic } from '#linux/small-files.ts';

/** What the agent wrote down before it started a run. */
export interface RunRecord {
  readonly attempt: number;
  /** As the status shows it; runs that the platform itself ended do not count. */
  readonly restartCount: number;
  /** How often it was restarted without a long run in between; gives the back-off. */
  readonly backoffStep: number;
  readonly createdAtMs: number;
  readonly image: string;
  readonly imageId: string;
  /** A run of another boot is over, whatever its files say. */
  readonly bootId: string;
  /** What asks it to end; absent = SIGTERM. */
  readonly stopSignal?: string | undefined;
  /** Whether the end of its log stands for the last words that it did not leave (`FallbackToLogsOnError`). */
  readonly tellsLog?: boolean | undefined;
}

/** How a run is. Times are milliseconds since the epoch. */
export type RunState =
  | { readonly phase: 'starting' }
  | { readonly phase: 'running'; readonly startedAtMs: number; readonly pid: number }
  | {
      readonly phase: 'exited';
      readonly startedAtMs: number;
      readonly finishedAtMs: number;
      readonly exitCode: number;
      /** As upstream's: Completed, Error, OOMKilled, StartError, ContainerStatusUnknown. */
      readonly reason: string;
      readonly message?: string | undefined;
    };

/** A run as it is found on disk and in the process table. */
export interface ObservedRun {
  readonly record: RunRecord;
  readonly state: RunState;
  /** When its end was begun: its grace counts from here. */
  readonly termAtMs?: number | undefined;
  /** When it got its stop signal: after the hook that runs before. */
  readonly signaledAtMs?: number | undefined;
  /** What came of the hook that runs after the start. */
  readonly postStart?: 'done' | 'failed' | undefined;
  /** When the platform stopped it in order to stop itself. */
  readonly platformStopAtMs?: number | undefined;
  /** The process that waits for it; undefined where it is gone. */
  readonly shimPid?: number | undefined;
}

/** Where a run's state files lie. */
export const RUN_FILES = {
  record: 'run.json',
  shim: 'state/shim',
  pid: 'state/pid',
  exit: 'state/exit',
  /** Has its place on the disk before there is anything to say. */
  nextExit: 'state/exit.next',
  term: 'state/term',
  signaled: 'state/signaled',
  postStart: 'state/post-start',
  platformStop: 'state/platform-stop',
  startError: 'start-error',
  log: 'log',
  terminationLog: 'termination-log',
  /** A FIFO, where the container has an input. */
  stdin: 'stdin',
  stdinHolder: 'state/stdin-holder',
  /** Name of the device, where the container has a terminal. */
  terminal: 'state/tty',
} as const;

/** A run without shim and without exit is given this long to show itself (the agent may have died right after the spawn). */
const SHIM_GRACE_MS = 5_000;
/** What a shell reports for a killed process; used where nobody saw the end. */
const UNKNOWN_EXIT = 137;
/** What container runtimes report for a command that could not be started. */
const START_ERROR_EXIT = 128;
/** Upstream keeps this much of a termination message. */
const MESSAGE_BYTES = 4096;
/** Of a log that stands for one, at most so much (kubelet: MaxContainerTerminationMessageLogLength, MaxContainerTerminationMessageLogLines). */
const LOG_MESSAGE_BYTES = 2048;
const LOG_MESSAGE_LINES = 80;

/**
 * Looks at a run; undefined where there is none. A run whose end nobody saw (its shim was killed, the machine rebooted) gets
 * an exit file from here, so that its time of death does not move.
 */
export async function observeRun(
  run: RunPaths,
  now: { readonly nowMs: number; readonly bootId: string },
): Promise<ObservedRun | undefined> {
  const record = parseRecord(await readRecordIfAny(join(run.dir, RUN_FILES.record)));
  if (record === undefined) return undefined;
  const shim = await readNumber(run, RUN_FILES.shim);
  const shimPid = shim !== undefined && (await hasArgument(shim, run.runtimeId)) ? shim : undefined;
  const isYoung = shim === undefined && now.nowMs - record.createdAtMs < SHIM_GRACE_MS && record.bootId === now.bootId;
  const signs = { record, canStart: shimPid !== undefined || isYoung, hasShim: shimPid !== undefined, ...now };
  const state = await observeState(run, signs);
  if (state === undefined) return undefined;
  const termAtMs = await readNumber(run, RUN_FILES.term);
  const signaledAtMs = termAtMs === undefined ? undefined : await readNumber(run, RUN_FILES.signaled);
  const platformStopAtMs = await readNumber(run, RUN_FILES.platformStop);
  const said = await readTextIfAny(join(run.dir, RUN_FILES.postStart));
  const postStart = said === 'done' || said === 'failed' ? said : undefined;
  return { record, termAtMs, signaledAtMs, platformStopAtMs, postStart, shimPid, state };
}

interface RunSigns {
  readonly record: RunRecord;
  /** Something may still become of it although nothing of it runs yet. */
  readonly canStart: boolean;
  /** The process that waits for it lives. */
  readonly hasShim: boolean;
  readonly nowMs: number;
  readonly bootId: string;
}

async function observeState(run: RunPaths, signs: RunSigns): Promise<RunState | undefined> {
  const { record, canStart, hasShim, nowMs } = signs;
  const pid = await readNumber(run, RUN_FILES.pid);
  const startedAtMs = (await modifiedMsIfAny(join(run.dir, RUN_FILES.pid))) ?? record.createdAtMs;
  if (pid !== undefined && (await isInCgroup(pid, run.cgroup))) return { phase: 'running', startedAtMs, pid };
  const exit = await readExit(run, { startedAtMs, record });
  if (exit !== undefined) return exit;
  if (pid !== undefined && hasShim) return { phase: 'running', startedAtMs, pid };
  if (pid === undefined && canStart) return { phase: 'starting' };
  const isOfThisBoot = record.bootId === signs.bootId;
  if (isOfThisBoot && !(await endLostRun(run, { file: RUN_FILES.shim, nowMs }))) return { phase: 'starting' };
  await writeExit(run, `${UNKNOWN_EXIT} unknown\n`);
  return readExit(run, { startedAtMs, record });
}

/** What a run's end is written into; room for a code and a word. */
export const EXIT_ROOM = `${' '.repeat(15)}\n`;

async function writeExit(run: RunPaths, text: string): Promise<void> {
  const [next, exit] = [join(run.dir, RUN_FILES.nextExit), join(run.dir, RUN_FILES.exit)];
  if (!(await isPresent(next))) return writeTextAtomic(exit, text);
  // why in place: on a full disk nothing else can be written
  const file = await open(next, 'r+');
  try {
    await file.write(text, 0);
  } finally {
    await file.close();
  }
  await rename(next, exit);
}

type ExitState = Extract<RunState, { phase: 'exited' }>;
type Ending = Pick<ExitState, 'exitCode' | 'reason' | 'message'>;

async function readExit(
  run: RunPaths,
  { startedAtMs, record }: { readonly startedAtMs: number; readonly record: RunRecord },
): Promise<ExitState | undefined> {
  const path = join(run.dir, RUN_FILES.exit);
  const text = await readTextIfAny(path);
  const finishedAtMs = await modifiedMsIfAny(path);
  if (text === undefined || finishedAtMs === undefined) return undefined;
  return { phase: 'exited', startedAtMs, finishedAtMs, ...(await endingOf(run, { text, record })) };
}

async function endingOf(run: RunPaths, { text, record }: { readonly text: string; readonly record: RunRecord }): Promise<Ending> {
  const [code = '', note] = text.trim().split(/\s+/);
  if (note === 'unknown') {
    return {
      exitCode: UNKNOWN_EXIT,
      reason: 'ContainerStatusUnknown',
      message: 'the container ended while nobody watched: its process was killed from outside or the machine restarted',
    };
  }
  if ((await modifiedMsIfAny(join(run.dir, RUN_FILES.pid))) === undefined) {
    const said = (await readBeginning(join(run.dir, RUN_FILES.startError))).trim().replace(/^runc run failed: /, '');
    return { exitCode: START_ERROR_EXIT, reason: 'StartError', message: said === '' ? 'the container could not be started' : said };
  }
  const exitCode = Number(code);
  const reason = exitCode === 0 ? 'Completed' : note === 'oom' ? 'OOMKilled' : 'Error';
  const left = await readBeginning(join(run.dir, RUN_FILES.terminationLog));
  const message = left === '' && exitCode !== 0 && record.tellsLog === true ? await lastLines(join(run.dir, RUN_FILES.log)) : left;
  return { exitCode, reason, ...(message === '' ? {} : { message }) };
}

/** The end of a log: what upstream keeps of one as a termination message. */
async function lastLines(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const length = Math.min(size, LOG_MESSAGE_BYTES);
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.toString('utf8').split('\n');
    const isComplete = lines.at(-1) === '';
    return lines.slice(-(LOG_MESSAGE_LINES + (isComplete ? 1 : 0))).join('\n');
  } finally {
    await file.close();
  }
}

/** No more than is kept: the container writes the file, as long as it likes. */
async function readBeginning(path: string): Promise<string> {
  if (!(await isPresent(path))) return '';
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MESSAGE_BYTES), 0, MESSAGE_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readNumber(run: RunPaths, file: string): Promise<number | undefined> {
  const text = await readTextIfAny(join(run.dir, file));
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

function parseRecord(value: Record<string, unknown> | undefined): RunRecord | undefined {
  if (value === undefined) return undefined;
  const number = (field: string): number => (typeof value[field] === 'number' ? value[field] : 0);
  const text = (field: string): string => (typeof value[field] === 'string' ? value[field] : '');
  return {
    attempt: number('attempt'),
    restartCount: number('restartCount'),
    backoffStep: number('backoffStep'),
    createdAtMs: number('createdAtMs'),
    image: text('image'),
    imageId: text('imageId'),
    bootId: text('bootId'),
    ...(typeof value['stopSignal'] === 'string' ? { stopSignal: value['stopSignal'] } : {}),
    ...(value['tellsLog'] === true ? { tellsLog: true } : {}),
  };
}
