import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { NodePaths } from '../node-paths.ts';
import { AttachmentLimitExceeded } from '../volumes/volume-error.ts';
import { preparedDirectory } from '../volumes/prepared-volume.ts';
import { ensurePrepared, type EnsurePreparedTools, refreshFiles } from './ensure-prepared.ts';
import type { NodeEvent } from '../status/pod-events.ts';
import { PodMemory } from './pod-memory.ts';
import type { KnownPod } from './pod-snapshot.ts';

const fault = (reason: string, message: string): PlatformError => new PlatformError({ code: 'FailedPrecondition', reason, message });

let dir: string;
let clock: FakeClock;
let abort: AbortController;
let events: NodeEvent[];
let calls: string[];
let failure: PlatformError | undefined;
let written: unknown[];
let on: KnownPod;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-prepare-'));
  clock = new FakeClock();
  abort = new AbortController();
  [events, calls, failure, written] = [[], [], undefined, []];
  const pod = aStoredPod({ uid: 'uid-1', spec: { hostNetwork: true } });
  const paths = new NodePaths({ root: dir, runtime: join(dir, 'run') }).pod('uid-1');
  on = { uid: 'uid-1', pod, paths, memory: new PodMemory(), observed: new Map() };
});
afterEach(() => rmSync(dir, { recursive: true }));

function tools(): EnsurePreparedTools {
  const does = (what: string) => {
    calls.push(what);
    if (failure !== undefined) throw failure;
  };
  return {
    clock,
    signal: abort.signal,
    hostIp: '192.0.2.1',
    events: { record: (event) => void events.push(event) },
    client: {
      patch: (_resource, { patch: { body } }) => {
        written.push(body);
        return Promise.reject(fault('Unwanted', 'nothing is to be written'));
      },
    },
    refreshLimit: async (driver) => void calls.push(`refresh ${driver}`),
    network: { attach: async () => {}, addressOf: () => undefined },
    volumes: {
      prepare: async () => {
        does('prepare');
        return new Map([['data', preparedDirectory('/data')]]);
      },
      refresh: async () => does('refresh'),
      runtimeHandler: async () => undefined,
      awaited: () => [],
    },
  };
}
const said = () => events.map(({ reason, message }) => `${reason}: ${message}`);
const running = (): KnownPod => {
  const record = { attempt: 0, restartCount: 0, backoffStep: 0, createdAtMs: 0, image: '', imageId: '', bootId: '' };
  return { ...on, observed: new Map([['main', { latest: { record, state: { phase: 'running', startedAtMs: 0, pid: 1 } } }]]) };
};

describe('ensurePrepared', () => {
  it('makes volumes ready once', async () => {
    expect([await ensurePrepared(tools(), on), await ensurePrepared(tools(), on)]).toEqual([true, true]);
    expect({ calls, timers: clock.timers, names: [...(on.memory.volumes?.keys() ?? [])] }).toEqual({
      calls: ['prepare'],
      timers: 0,
      names: ['data'],
    });
  });

  it.each([
    { name: 'a volume', reason: 'FailedMount', event: 'FailedMount: no disk' },
    { name: 'the pod itself', reason: 'UnsafeName', event: 'FailedCreatePodSandBox: Failed to create pod sandbox: no disk' },
  ])('says that $name is at fault, shows ContainerCreating, and tries again with back-off', async ({ reason, event }) => {
    failure = fault(reason, 'no disk');
    expect(await ensurePrepared(tools(), on)).toBe(false);
    expect({ said: said(), shown: on.memory.podProblem }).toMatchObject({
      said: [event],
      shown: { reason: 'ContainerCreating', message: 'no disk' },
    });
    await clock.step(499);
    expect(await ensurePrepared(tools(), on)).toBe(false);
    expect(calls).toHaveLength(1);
    await clock.step(1);
    failure = undefined;
    expect(await ensurePrepared(tools(), on)).toBe(true);
    expect(on.memory.podProblem).toBeUndefined();
  });

  it('VOL-19: a pod for which its driver has no place here is refused for good, when the count has been asked anew', async () => {
    failure = new AttachmentLimitExceeded('disk.example', 'volume pv-1: 5 of 5');
    await expect(ensurePrepared(tools(), on)).rejects.toThrow('nothing is to be written');
    const message = 'Node has reached its volume attachment limit, rejecting pod: volume pv-1: 5 of 5';
    expect({ calls, said: said(), written }).toMatchObject({
      calls: ['prepare', 'refresh disk.example'],
      said: [`VolumeAttachmentLimitExceeded: ${message}`],
      written: [{ status: { phase: 'Failed', reason: 'VolumeAttachmentLimitExceeded', message: `Pod was rejected: ${message}` } }],
    });
  });

  it('VOL-19: but not one that runs', async () => {
    failure = new AttachmentLimitExceeded('disk.example', 'volume pv-1: 5 of 5');
    expect(await ensurePrepared(tools(), running())).toBe(false);
    expect(written).toEqual([]);
  });

  it('blames nobody while the node stops', async () => {
    failure = fault('FailedMount', 'no disk');
    abort.abort();
    await expect(ensurePrepared(tools(), on)).rejects.toThrow();
    expect({ events, problem: on.memory.podProblem, timers: clock.timers }).toEqual({ events: [], problem: undefined, timers: 0 });
  });
});

describe('refreshFiles', () => {
  it('compares files once a minute, and only of what runs', async () => {
    await refreshFiles(tools(), on);
    expect(calls).toEqual([]);
    for (const _ of [1, 2]) await refreshFiles(tools(), running());
    expect(calls).toEqual(['refresh']);
    await clock.step(60_000);
    await refreshFiles(tools(), running());
    expect(calls).toEqual(['refresh', 'refresh']);
  });

  it('waits a minute after the volumes were made', async () => {
    await ensurePrepared(tools(), on);
    await clock.step(59_999);
    await refreshFiles(tools(), running());
    expect(calls).toEqual(['prepare']);
  });

  it('a failure is an event: what runs goes on with the files that it has', async () => {
    failure = fault('Forbidden', 'no such secret');
    await refreshFiles(tools(), running());
    expect({ said: said(), problem: on.memory.podProblem }).toEqual({ said: ['FailedMount: no such secret'], problem: undefined });
  });
});
