import { describe, expect, it } from 'vitest';
import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { followJob } from './follow-job.ts';

const JOB = trusted<VolumeRollback>({ metadata: { namespace: 'default', name: 'back' }, spec: {} });

/** Follows a job that is in these phases, one at each look. */
async function follow(
  phases: readonly string[],
  ends: readonly string[],
): Promise<{ readonly end: string; readonly told: readonly string[] }> {
  const left = [...phases];
  const told: string[] = [];
  const get = (): Promise<VolumeRollback> =>
    Promise.resolve(trusted<VolumeRollback>({ ...JOB, status: { phase: left.shift(), message: 'words' } }));
  const client = { get: trusted<Client['get']>(get) };
  const follower = { client, signal: new AbortController().signal, print: (line: string) => void told.push(line) };
  const kind = { resource: volumeRollbacks, doing: { Stopping: 'stopping' }, refusal: 'RollbackRefused' };
  try {
    const { status } = await followJob(follower, kind, { job: JOB, ends });
    return { end: status?.phase ?? '', told };
  } catch (thrown) {
    return { end: String(thrown), told };
  }
}

describe('SNAP-9: who follows a job', () => {
  it.each([
    { name: 'is told what is done, once, until the end', phases: ['Stopping', 'Stopping', 'Swapped'], ends: ['Swapped'], end: 'Swapped' },
    {
      name: 'has it at its end where somebody confirmed it at once',
      phases: ['Stopping', 'Confirmed'],
      ends: ['Swapped'],
      end: 'Confirmed',
    },
    {
      name: 'is told that somebody undid it, which is not what was asked for',
      phases: ['Stopping', 'Undone'],
      ends: ['Swapped'],
      end: 'undone meanwhile',
    },
    { name: 'has undone it', phases: ['Stopping', 'Undone'], ends: ['Undone'], end: 'Undone' },
    { name: 'is told why it was refused', phases: ['Stopping', 'Refused'], ends: ['Swapped'], end: 'words' },
  ])('$name', async ({ phases, ends, end }) => {
    const found = await follow(phases, ends);
    expect(found.end).toContain(end);
    expect(found.told).toEqual(['stopping: words']);
  });
});
