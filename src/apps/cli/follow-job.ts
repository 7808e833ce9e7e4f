import type { KubeObject } from '#api/meta/object.ts';
import { keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { sleep, SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** Who follows, and where the progress is told. */
export interface Follower {
  readonly client: Pick<Client, 'get'>;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** A job that claims get other volumes by: it says how far it is in its status, and can be confirmed or undone. */
export interface SwapJobObject extends KubeObject {
  readonly status?: { readonly phase?: string | undefined; readonly message?: string | undefined } | undefined;
}

/** What of jobs of a kind is followed. */
export interface FollowedKind<J extends SwapJobObject> {
  readonly resource: Resource<J>;
  /** What is done in a phase, for people. */
  readonly doing: Readonly<Record<string, string>>;
  /** The reason of the error where it is refused, or undone by somebody else. */
  readonly refusal: string;
}

const POLL_MS = 200;

/** Tells each phase and what it waits for, until one of `ends`. @throws PlatformError where it was refused, or somebody else undid it meanwhile */
export async function followJob<J extends SwapJobObject>(
  { client, signal, print }: Follower,
  { resource, doing, refusal }: FollowedKind<J>,
  { job, ends }: { readonly job: J; readonly ends: readonly string[] },
): Promise<J> {
  const clock = new SystemClock();
  let told = '';
  for (;;) {
    const now = await client.get(resource, keyOf(job));
    const { phase, message } = now.status ?? {};
    const problem = whyNot({ phase, message }, ends);
    if (problem !== undefined) throw new PlatformError({ code: 'FailedPrecondition', reason: refusal, message: problem });
    if (phase !== undefined && (ends.includes(phase) || phase === 'Confirmed')) return now;
    const line = [phase === undefined ? undefined : doing[phase], message].filter((part) => part !== undefined).join(': ');
    if (line !== '' && line !== told) print(line);
    told = line;
    await sleep(clock, POLL_MS, signal);
  }
}

function whyNot({ phase, message }: NonNullable<SwapJobObject['status']>, ends: readonly string[]): string | undefined {
  if (phase === 'Refused') return message ?? 'refused';
  if (phase === 'Undone' && !ends.includes(phase)) return 'it was undone meanwhile: the claims have the volumes that they had before';
  return undefined;
}
