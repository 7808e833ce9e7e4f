import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import { keyOf } from '#api/meta/object.ts';
import { sleep, SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

type Status = NonNullable<VolumeRollback['status']>;

/** Who follows, and where the progress is told. */
export interface Follower {
  readonly client: Pick<Client, 'get'>;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

const POLL_MS = 200;

/** What is done in a phase, for people. */
const DOING: Readonly<Partial<Record<NonNullable<Status['phase']>, string>>> = {
  Preparing: 'making the new volumes',
  Stopping: 'stopping who uses the claims',
  Swapping: 'giving the claims their new volumes',
  Starting: 'starting who was stopped',
  UndoStopping: 'stopping who uses the claims',
  UndoSwapping: 'giving the claims their old volumes',
  UndoStarting: 'starting who was stopped',
};

/** Tells each phase and what it waits for, until one of `ends`. @throws PlatformError where it was refused */
export async function follow({ client, signal, print }: Follower, rollback: VolumeRollback, ends: readonly string[]): Promise<Status> {
  const clock = new SystemClock();
  let told = '';
  for (;;) {
    const { status = {} } = await client.get(volumeRollbacks, keyOf(rollback));
    const { phase, message } = status;
    if (phase === 'Refused')
      throw new PlatformError({ code: 'FailedPrecondition', reason: 'RollbackRefused', message: message ?? 'refused' });
    if (phase !== undefined && (ends.includes(phase) || phase === 'Undone')) return status;
    const doing = phase === undefined ? undefined : DOING[phase];
    const line = [doing, message].filter((part) => part !== undefined).join(': ');
    if (line !== '' && line !== told) print(line);
    told = line;
    await sleep(clock, POLL_MS, signal);
  }
}
