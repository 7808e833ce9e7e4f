import { sleep, SystemClock } from '#kit/clock.ts';
import { type ConfigSchema, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { holderOf } from '#machinery/store/directory-lock.ts';
import { dataDirectoryAt, holdsPlatform } from '../server/data-directory.ts';
import { dataDirSetting } from '../server/data-dir-setting.ts';
import { defineCommand } from './define-command.ts';
import { NO_WORDS } from './verb.ts';

const flags = {
  dataDir: dataDirSetting,
  timeout: {
    flag: 'timeout',
    env: 'STOWAGE_DOWN_TIMEOUT',
    default: 120,
    placeholder: 'SECONDS',
    doc: 'how long pods may take for their last words; it fails after that, and the platform goes on stopping',
    parse: parsers.integer(1, 86_400),
  },
} as const satisfies ConfigSchema;

/** How often is looked whether it has stopped, in milliseconds. */
const LOOK_MS = 100;
/** Something is said after this time, in milliseconds. */
const SILENCE_MS = 1_000;

/** `stowage down`. */
export const down = defineCommand({
  about:
    'Stops the platform of a data directory, as Ctrl-C in its terminal does, and waits until it has. Nothing is removed: starting again finds everything as it was.',
  examples: [['stowage down --data-dir /tmp/try', 'stop the platform that keeps its data there']],
  flags,
  words: NO_WORDS,
  run: async ({ print, signal }, { config }) => {
    const directory = dataDirectoryAt(config.dataDir);
    if (!holdsPlatform(directory))
      throw new PlatformError({
        code: 'NotFound',
        reason: 'DataDirectoryRefused',
        message: `${config.dataDir} holds no platform: name its data directory with --data-dir`,
      });
    const holder = holderOf(directory.store);
    if (holder === undefined) return print('nothing runs on this data directory');
    if (holder.pid === undefined)
      throw new PlatformError({
        code: 'Unavailable',
        reason: 'PlatformStarting',
        message: 'the platform is just starting: try again in a moment',
      });
    // why not again: a second signal would end it at once, without the last words of pods
    if (!holder.isStopping) tellToStop(holder.pid);
    await untilGone(holder.pid, { timeoutMs: config.timeout * 1_000, signal, print });
    print('stopped');
  },
});

interface Waiting {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

function tellToStop(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (cause) {
    if (!isRecord(cause) || cause['code'] !== 'EPERM') return; // why: it has stopped by itself meanwhile
    throw new PlatformError({
      code: 'PermissionDenied',
      reason: 'PlatformOfAnother',
      message: `the platform with pid ${pid} is another user's: run this as that user, or as root`,
      cause,
    });
  }
}

async function untilGone(pid: number, { timeoutMs, signal, print }: Waiting): Promise<void> {
  const clock = new SystemClock();
  const startMs = clock.nowMs();
  let isSaid = false;
  while (isAlive(pid)) {
    const passedMs = clock.nowMs() - startMs;
    if (passedMs >= SILENCE_MS && !isSaid) print(`stopping the platform with pid ${pid}; pods may take their grace time ...`);
    isSaid ||= passedMs >= SILENCE_MS;
    if (passedMs >= timeoutMs)
      throw new PlatformError({
        code: 'DeadlineExceeded',
        reason: 'DeadlineExceeded',
        message: `the platform with pid ${pid} is still stopping after ${timeoutMs / 1_000} s: wait longer with --timeout, or end it with kill -9 ${pid}, which loses nothing`,
      });
    await sleep(clock, LOOK_MS, signal);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // why: it is gone, which is what is waited for
    return false;
  }
}
