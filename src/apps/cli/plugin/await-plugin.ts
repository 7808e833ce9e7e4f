import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { sleep, SystemClock } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** What is waited for. */
export interface AwaitedPlugin {
  readonly client: Pick<Client, 'get'>;
  /** The object that installs it. */
  readonly info: string;
  readonly signal: AbortSignal;
  /** What it said before it was asked for, which is no answer. */
  readonly before?: string | undefined;
}

const POLL_MS = 200;
/** As long as it may take. */
const PATIENCE_MS = 120_000;

/** What it is to become. */
interface AwaitedInstall extends AwaitedPlugin {
  readonly version: string;
  /** What it said of an earlier generation is no answer; absent = any is. */
  readonly generation?: number | undefined;
}

/** Resolves when the plugin is at work in this version. @throws PlatformError with the reason where it failed */
export async function awaitInstalled({ version, generation = 0, ...awaited }: AwaitedInstall): Promise<void> {
  await poll(awaited, 'at work', (info) => {
    if (info === undefined) throw gone(awaited);
    if ((info.status?.observedGeneration ?? 0) < generation) return false;
    refuseFailed(info, awaited.before);
    return info.status?.phase === 'Running' && info.status.version === version;
  });
}

/** Resolves when the plugin works with what its object of this generation says. @throws PlatformError with the reason where it can't */
export async function awaitConfigured({ generation, ...awaited }: AwaitedPlugin & { readonly generation: number }): Promise<void> {
  await poll(awaited, 'at work with its settings', (info) => {
    if (info === undefined) throw gone(awaited);
    // why: what it said of earlier settings is no answer
    if ((info.status?.observedGeneration ?? 0) < generation) return false;
    refuseFailed(info, undefined);
    return info.status?.phase === 'Running';
  });
}

/** Resolves when the plugin is gone. @throws PlatformError with the reason where it can't go */
export async function awaitUninstalled(awaited: AwaitedPlugin): Promise<void> {
  await poll(awaited, 'gone', (info) => {
    if (info !== undefined) refuseFailed(info, awaited.before);
    return info === undefined;
  });
}

function gone({ info }: AwaitedPlugin): PlatformError {
  return new PlatformError({ code: 'NotFound', reason: 'NotFound', message: `ModuleInfo ${info} is gone` });
}

function refuseFailed({ status }: ModuleInfo, before: string | undefined): void {
  if (status?.reason === undefined || (before !== undefined && status.message === before)) return;
  throw new PlatformError({ code: 'FailedPrecondition', reason: status.reason, message: status.message ?? status.reason });
}

async function poll(
  { client, info, signal }: AwaitedPlugin,
  what: string,
  isDone: (info: ModuleInfo | undefined) => boolean,
): Promise<void> {
  const clock = new SystemClock();
  const endMs = clock.nowMs() + PATIENCE_MS;
  while (!isDone(await read(client, info))) {
    if (clock.nowMs() > endMs) {
      const message = `after ${PATIENCE_MS / 1_000} s ModuleInfo ${info} is not ${what}; kubectl describe moduleinfo ${info} shows how far it is`;
      throw new PlatformError({ code: 'DeadlineExceeded', reason: 'DeadlineExceeded', message });
    }
    await sleep(clock, POLL_MS, signal);
  }
}

async function read(client: Pick<Client, 'get'>, name: string): Promise<ModuleInfo | undefined> {
  try {
    return await client.get(moduleInfoes, { namespace: '', name });
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
