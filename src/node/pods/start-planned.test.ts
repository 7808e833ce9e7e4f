import { beforeEach, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { anImage } from '#testing/builders/image.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { NodePaths } from '../node-paths.ts';
import type { ContainerStart } from './container-start.ts';
import type { NodeEvent } from '../status/pod-events.ts';
import { PodMemory } from './pod-memory.ts';
import type { KnownPod } from './pod-snapshot.ts';
import type { StartOutcome } from './start-container.ts';
import { type StartAction, startPlanned } from './start-planned.ts';

const CONTAINER = { name: 'main', image: 'app:1' };
const ACTION: StartAction = { kind: 'start', container: CONTAINER, attempt: 2, restartCount: 2, backoffStep: 1 };

let clock: FakeClock;
let abort: AbortController;
let events: NodeEvent[];
let starts: ContainerStart[];
let woken: string[];
let watched: string[];
let outcome: () => Promise<StartOutcome>;
let on: KnownPod;
beforeEach(() => {
  clock = new FakeClock();
  abort = new AbortController();
  [events, starts, woken, watched] = [[], [], [], []];
  outcome = async () => ({ kind: 'started', image: anImage() });
  const pod = aStoredPod({ uid: 'uid-1', container: CONTAINER });
  const paths = new NodePaths({ root: '/node', runtime: '/run' }).pod('uid-1');
  on = { uid: 'uid-1', pod, paths, memory: new PodMemory(), observed: new Map() };
  on.memory.volumes = new Map();
});

const start = (action = ACTION): Promise<void> =>
  startPlanned(
    {
      clock,
      signal: abort.signal,
      events: { record: (event) => void events.push(event) },
      wake: (uid) => void woken.push(uid),
      watches: {
        add: (run, onChange) => {
          watched.push(run.dir);
          onChange();
        },
        remove: () => {},
      },
      volumes: { configOf: () => ({ services: async () => [], configMap: async () => undefined, secret: async () => undefined }) },
      starter: {
        start: (asked) => {
          starts.push(asked);
          return outcome();
        },
      },
    },
    on,
    action,
  );
const said = () => events.map(({ reason, message }) => `${reason}: ${message}`);

it('starts the attempt of the plan, and remembers that its beginning is news', async () => {
  await start();
  expect(starts).toMatchObject([{ container: CONTAINER, attempt: 2, restartCount: 2, backoffStep: 1 }]);
  expect(said()).toEqual(['Pulled: Container image "app:1" already present on machine', 'Created: Container created: main']);
  expect([on.memory.wasSpawned('main/2'), on.memory.wasSpawned('main/1')]).toEqual([true, false]);
});

it('has the run watched before it starts, and the pod looked at for its run and for its image', async () => {
  outcome = async () => {
    const asked = starts.at(-1);
    asked?.beforeSpawn(on.paths.run('main', 2));
    asked?.onImage();
    return { kind: 'waits' };
  };
  await start();
  expect({ watched, woken }).toEqual({ watched: [on.paths.run('main', 2).dir], woken: ['uid-1', 'uid-1'] });
});

it('tells of a fetch once, however often it is looked at, and what it took', async () => {
  outcome = async () => ({ kind: 'waits' });
  await start();
  await start();
  outcome = async () => ({ kind: 'started', image: anImage(), tookMs: 2_500 });
  await start();
  expect(said().slice(0, 2)).toEqual(['Pulling: Pulling image "app:1"', 'Pulled: Successfully pulled image "app:1" in 2.500s']);
});

it('says that something stands in for the image', async () => {
  outcome = async () => ({ kind: 'started', image: anImage({ standsInBecause: 'no registry' }) });
  await start();
  expect(events).toContainEqual(expect.objectContaining({ reason: 'ImageFallback', message: expect.stringContaining('no registry') }));
});

it('holds back what could not be started until its time, unless it names another image', async () => {
  outcome = () => Promise.reject(new PlatformError({ code: 'NotFound', reason: 'ErrImagePull', message: 'no such tag' }));
  await start();
  await start();
  expect({ said: said(), tries: starts.length }).toEqual({ said: ['Failed: Error: no such tag'], tries: 1 });
  await start({ ...ACTION, container: { ...CONTAINER, image: 'app:2' } });
  expect(starts).toHaveLength(2);
  await start();
  await clock.step(10_000);
  outcome = async () => ({ kind: 'started', image: anImage() });
  await start({ ...ACTION, container: { ...CONTAINER, image: 'app:2' } });
  expect(on.memory.containerProblems.size).toBe(0);
});

it('starts nothing on volumes that are not ready', async () => {
  on.memory.volumes = undefined;
  await start();
  expect(starts).toEqual([]);
});

it('blames nobody while the node stops', async () => {
  abort.abort();
  outcome = () => Promise.reject(new TypeError('cut off'));
  await expect(start()).rejects.toThrow();
  expect({ events, problems: on.memory.containerProblems.size }).toEqual({ events: [], problems: 0 });
});
