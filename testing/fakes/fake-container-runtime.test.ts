import { join } from 'node:path';
import { NodePaths } from '#node/node-paths.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { anImage } from '#testing/builders/image.ts';
import { type Behaviour, describeRuntimeContract, type RuntimeSubject } from '../conformance/containers/contract.ts';
import { FakeContainerRuntime, type FakeLife } from './fake-container-runtime.ts';

const paths = new NodePaths({ root: '/nowhere', runtime: join('/nowhere', 'run') });
const pod = paths.pod('one');

function lifeOf(behaviour: Behaviour): FakeLife {
  switch (behaviour.kind) {
    case 'obeys':
      return { onStop: { exitCode: 7 } };
    case 'ignores':
      return { onStop: 'ignored' };
    case 'ends':
      return { end: { ...behaviour, afterMs: 10 } };
    case 'cannotStart':
      return { start: { error: 'no such program' } };
  }
}

async function start(): Promise<RuntimeSubject> {
  const clock = new FakeClock();
  let runtime = new FakeContainerRuntime(clock);
  return {
    runtime,
    pod,
    async describe(_, behaviour) {
      runtime.lifeOf = () => lifeOf(behaviour);
      return { image: anImage(), config: {} };
    },
    listening: async () => {},
    async until(check) {
      await clock.step(1_000);
      return check();
    },
    restarted: () => (runtime = runtime.restarted()),
    rebooted: async () => (runtime = runtime.rebooted()),
    dispose: async () => {},
  };
}

describeRuntimeContract({ name: 'the fake', needs: [], start });

describe('faults of the fake container runtime', () => {
  let clock: FakeClock;
  let runtime: FakeContainerRuntime;
  const run = pod.run('main', 0);
  beforeEach(() => {
    clock = new FakeClock();
    runtime = new FakeContainerRuntime(clock);
  });
  const begin = async (): Promise<void> => {
    const record = { attempt: 0, restartCount: 0, backoffStep: 0, image: 'busybox', imageId: 'id' };
    const how = { oomFile: '', hasStdin: false, hasTerminal: false, beforeSpawn: () => {} };
    await runtime.start({ run, record, image: anImage(), config: {}, ...how });
  };
  const stateNow = async () => (await runtime.observeRun(run))?.state;

  it('a start that fails leaves nothing', async () => {
    runtime.beforeStart = async () => Promise.reject(new TypeError('no space left on device'));
    await expect(begin()).rejects.toThrow('no space left');
    expect({ starts: runtime.starts, state: await stateNow() }).toEqual({ starts: [], state: undefined });
  });

  it('a slow start takes its time, and one that hangs ends when it is killed', async () => {
    runtime.lifeOf = () => ({ start: { afterMs: 40_000 } });
    await begin();
    await clock.step(39_999);
    expect(await stateNow()).toEqual({ phase: 'starting' });
    await clock.step(1);
    expect(await stateNow()).toMatchObject({ phase: 'running', startedAtMs: clock.nowMs() });
    runtime.lifeOf = () => ({ start: 'hangs' });
    await begin();
    await clock.step(10 ** 9);
    const hung = await runtime.observeRun(run);
    expect(hung?.state).toEqual({ phase: 'starting' });
    if (hung !== undefined) runtime.kill(hung);
    expect(await stateNow()).toMatchObject({ phase: 'exited', exitCode: 137, reason: 'ContainerStatusUnknown' });
  });

  it('a run ends as the test says, and is lost where nobody sees its end', async () => {
    await begin();
    await clock.step(0);
    runtime.exit(run, { exitCode: 137, isOutOfMemory: true });
    expect(await stateNow()).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    await begin();
    await clock.step(5);
    runtime.lose();
    expect(await stateNow()).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown', finishedAtMs: clock.nowMs() });
  });

  it('leaves no timer behind of what ended', async () => {
    runtime.lifeOf = () => ({ end: { exitCode: 0, afterMs: 60_000 } });
    await begin();
    await clock.step(1);
    runtime.exit(run, { exitCode: 1 });
    expect(clock.timers).toBe(0);
  });
});
