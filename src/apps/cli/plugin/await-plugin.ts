import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** What is waited for. */
interface AwaitedPlugin {
  readonly client: Pick<Client, 'get'>;
  readonly clock: Clock;
  /** The object that installs it. */
  readonly info: string;
  readonly signal: AbortSignal;
  /** The request for another look (`askAgain`) that what is said has to answer; absent = any look at its newest generation is one. */
  readonly retry?: string | undefined;
}

const POLL_MS = 200;
/** As long as it may take. */
const PATIENCE_MS = 120_000;

/** Resolves when the plugin is at work in this version. @throws PlatformError with the reason where it failed */
export async function awaitInstalled({ version, ...awaited }: AwaitedPlugin & { readonly version: string }): Promise<void> {
  await poll(awaited, 'at work', (status) => status?.phase === 'Running' && status.version === version);
}

/** Resolves when the plugin works with what its object says now. @throws PlatformError with the reason where it can't */
export async function awaitConfigured(awaited: AwaitedPlugin): Promise<void> {
  await poll(awaited, 'at work with its settings', (status) => status?.phase === 'Running');
}

/** Resolves when the plugin is gone. @throws PlatformError with the reason where it can't go */
export async function awaitUninstalled(awaited: AwaitedPlugin): Promise<void> {
  await poll(awaited, 'gone', undefined);
}

/** What its controller has said of the object as it is now; undefined where that is of an earlier one. A deletion is a generation of its own. */
function answerIn({ metadata, status }: ModuleInfo, retry: string | undefined): ModuleInfo['status'] {
  const isOfNow = (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  return isOfNow && (retry === undefined || status?.retriedAt === retry) ? status : undefined;
}

function refuseFailed(status: ModuleInfo['status']): void {
  if (status?.reason === undefined) return;
  throw new PlatformError({ code: 'FailedPrecondition', reason: status.reason, message: status.message ?? status.reason });
}

/** `isDone` undefined = when the object is gone. */
async function poll(
  { client, clock, info, signal, retry }: AwaitedPlugin,
  what: string,
  isDone: ((status: ModuleInfo['status']) => boolean) | undefined,
): Promise<void> {
  const endMs = clock.nowMs() + PATIENCE_MS;
  for (;;) {
    const found = await read(client, info);
    if (found === undefined) {
      if (isDone === undefined) return;
      throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: `ModuleInfo ${info} is gone` });
    }
    const answer = answerIn(found, retry);
    refuseFailed(answer);
    if (isDone?.(answer) === true) return;
    if (clock.nowMs() > endMs) {
      const said = found.status?.message === undefined ? '' : `: ${found.status.message}`;
      const message = `after ${PATIENCE_MS / 1_000} s ModuleInfo ${info} is not ${what}${said}; kubectl describe moduleinfo ${info} shows how far it is`;
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
