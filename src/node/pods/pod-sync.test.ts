import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { isPresent } from '#linux/small-files.ts';
import { aPod, type PodOverrides } from '#testing/builders/pod.ts';
import { PodBench } from '#testing/pod-bench.ts';
import type { PodPaths } from '../node-paths.ts';

let bench: PodBench;
beforeEach(async () => {
  bench = await PodBench.start();
});
afterEach(() => bench.close());

const begin = async (over: PodOverrides = {}): Promise<PodPaths> => bench.create(aPod(over));
const statusOf = async (paths: PodPaths) => (await bench.find(paths))?.status;
const mainOf = async (paths: PodPaths) => (await statusOf(paths))?.containerStatuses?.[0];

describe('a pod that runs', () => {
  it('is begun, is ready, and is left alone', async () => {
    const paths = await begin();
    await bench.run(paths, 1_000);
    expect(await statusOf(paths)).toMatchObject({ phase: 'Running', podIP: '10.1.0.7', hostIP: '192.0.2.1' });
    expect(await mainOf(paths)).toMatchObject({ ready: true, restartCount: 0, state: { running: {} } });
    expect(bench.said()).toEqual([
      'Pulled: Container image "busybox" already present on machine',
      'Created: Container created: main',
      'Started: Container started: main',
    ]);
    const version = (await bench.find(paths))?.metadata.resourceVersion;
    expect(await bench.look(paths)).toBe(30_000);
    await bench.run(paths, 120_000);
    expect((await bench.find(paths))?.metadata.resourceVersion).toBe(version);
    expect(bench.runtime.starts).toHaveLength(1);
  });

  it.each([
    { name: 'well', exitCode: 0, phase: 'Succeeded', reason: 'Completed' },
    { name: 'badly', exitCode: 3, phase: 'Failed', reason: 'Error' },
  ])('that ends $name for good is $phase, and only its logs stay', async ({ exitCode, phase, reason }) => {
    bench.lives.set('main', { end: { exitCode, afterMs: 2_000 } });
    const paths = await begin({ spec: { restartPolicy: 'Never' } });
    await bench.run(paths, 3_000);
    expect(await statusOf(paths)).toMatchObject({ phase });
    expect(await mainOf(paths)).toMatchObject({ state: { terminated: { exitCode, reason } } });
    expect({ tornDown: bench.tornDown, hasDir: await isPresent(paths.dir) }).toEqual({ tornDown: [`${paths.uid} remove`], hasDir: true });
    expect(await bench.look(paths)).toBeUndefined();
  });

  it('restarts with a back-off that grows, and says so', async () => {
    bench.lives.set('main', { end: { exitCode: 1, afterMs: 0 } });
    const paths = await begin();
    await bench.run(paths, 5_000);
    expect(bench.runtime.starts).toHaveLength(2);
    expect(await mainOf(paths)).toMatchObject({ restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } });
    await bench.run(paths, 6_000);
    expect(bench.runtime.starts).toHaveLength(3);
    await bench.run(paths, 19_000);
    expect(bench.runtime.starts).toHaveLength(3);
    await bench.run(paths, 2_000);
    expect(bench.runtime.starts).toHaveLength(4);
    expect(bench.said()).toContain('BackOff: Back-off restarting failed container main in pod web_default(' + paths.uid + ')');
  });

  it('tells of a program that can’t be started', async () => {
    bench.lives.set('main', { start: { error: 'exec: "nope": not found' } });
    const paths = await begin({ spec: { restartPolicy: 'Never' } });
    await bench.run(paths, 1_000);
    expect(await statusOf(paths)).toMatchObject({ phase: 'Failed' });
    expect(await mainOf(paths)).toMatchObject({ state: { terminated: { exitCode: 128, reason: 'StartError' } } });
    expect(bench.said()).toContain('Failed: Error: exec: "nope": not found');
  });

  it('ends a start that hangs, and tries again', async () => {
    bench.lives.set('main', { start: 'hangs' });
    const paths = await begin();
    await bench.run(paths, 29_000);
    expect(await mainOf(paths)).toMatchObject({ state: { waiting: { reason: 'ContainerCreating' } } });
    bench.lives.delete('main');
    await bench.run(paths, 5_000);
    expect(await mainOf(paths)).toMatchObject({ ready: true, restartCount: 1 });
  });

  it('starts init containers one by one, before the others', async () => {
    bench.lives.set('one', { end: { exitCode: 0, afterMs: 1_000 } });
    bench.lives.set('two', { end: { exitCode: 0, afterMs: 1_000 } });
    const initContainers = [
      { name: 'one', image: 'busybox' },
      { name: 'two', image: 'busybox' },
    ];
    const paths = await begin({ spec: { initContainers } });
    await bench.run(paths, 500);
    expect(await mainOf(paths)).toMatchObject({ state: { waiting: { reason: 'PodInitializing' } } });
    await bench.run(paths, 3_000);
    expect(bench.runtime.starts.map(({ run }) => run.runtimeId.replace(`${paths.uid}.`, ''))).toEqual(['one.0', 'two.0', 'main.0']);
    expect(await statusOf(paths)).toMatchObject({ phase: 'Running' });
  });

  it('is restarted by what its probe says', async () => {
    const livenessProbe = { exec: { command: ['true'] }, periodSeconds: 1, failureThreshold: 1 };
    const paths = await begin({ container: { livenessProbe }, spec: { terminationGracePeriodSeconds: 5 } });
    await bench.run(paths, 3_000);
    expect(await mainOf(paths)).toMatchObject({ restartCount: 0, ready: true });
    bench.outcome = async () => {
      bench.outcome = async () => ({ isOk: true, message: '' });
      return { isOk: false, message: 'no answer' };
    };
    await bench.run(paths, 3_000);
    expect(await mainOf(paths)).toMatchObject({ restartCount: 1, ready: true });
    expect(bench.said()).toContain('Killing: Container main failed liveness probe, will be restarted');
  });

  it('is not ready until the hook after its start is through', async () => {
    let finish = (): void => {};
    bench.outcome = () => new Promise((resolve) => (finish = () => resolve({ isOk: true, message: '' })));
    const paths = await begin({ container: { lifecycle: { postStart: { exec: { command: ['true'] } } } } });
    await bench.run(paths, 2_000);
    expect(await mainOf(paths)).toMatchObject({ ready: false });
    finish();
    await bench.run(paths, 500);
    expect(await mainOf(paths)).toMatchObject({ ready: true });
  });

  it('is ended after its deadline, and has failed', async () => {
    const paths = await begin({ spec: { activeDeadlineSeconds: 10, terminationGracePeriodSeconds: 1 } });
    await bench.run(paths, 9_000);
    expect(await statusOf(paths)).toMatchObject({ phase: 'Running' });
    await bench.run(paths, 3_000);
    expect(await statusOf(paths)).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(await mainOf(paths)).toMatchObject({ state: { terminated: { exitCode: 143 } } });
    expect(bench.events.filter(({ reason }) => reason === 'DeadlineExceeded')).toHaveLength(1);
  });
});

describe('a pod that goes', () => {
  it('gets its stop signal, its grace and then its end; nothing of it stays', async () => {
    bench.lives.set('main', { onStop: 'ignored' });
    const paths = await begin({ spec: { terminationGracePeriodSeconds: 8 } });
    await bench.run(paths, 1_000);
    await bench.delete(paths);
    await bench.run(paths, 7_000);
    expect(await mainOf(paths)).toMatchObject({ state: { running: {} } });
    await bench.run(paths, 3_000);
    expect(await bench.find(paths)).toBeUndefined();
    expect({ tornDown: bench.tornDown, hasDir: await isPresent(paths.dir), runs: await bench.runtime.observe(paths) }).toEqual({
      tornDown: [`${paths.uid} remove`],
      hasDir: false,
      runs: new Map(),
    });
    expect(bench.said()).toContain('Killing: Stopping container main');
  });

  it('ends its sidecars after the others', async () => {
    const initContainers = [{ name: 'side', image: 'busybox', restartPolicy: 'Always' }];
    bench.lives.set('main', { onStop: 'ignored' });
    const paths = await begin({ spec: { initContainers, terminationGracePeriodSeconds: 5 } });
    await bench.run(paths, 1_000);
    await bench.delete(paths);
    await bench.run(paths, 2_000);
    const side = async () => (await bench.runtime.observeRun(paths.run('side', 0)))?.state.phase;
    expect(await side()).toBe('running');
    await bench.run(paths, 30_000);
    expect(await bench.find(paths)).toBeUndefined();
  });

  it('is ended at once where the API no longer knows it', async () => {
    bench.lives.set('main', { onStop: 'ignored' });
    const paths = await begin();
    await bench.run(paths, 1_000);
    await bench.delete(paths, 0);
    await bench.run(paths, 1_500);
    expect({ hasDir: await isPresent(paths.dir), next: await bench.look(paths) }).toEqual({ hasDir: false, next: undefined });
    expect(await bench.runtime.observe(paths)).toEqual(new Map());
  });

  it('goes although it was never begun', async () => {
    const paths = await begin();
    await bench.delete(paths);
    await bench.run(paths, 100);
    expect(await bench.find(paths)).toBeUndefined();
    expect(bench.runtime.starts).toEqual([]);
  });
});

describe('a pod that can’t be begun', () => {
  it('waits for its volumes with back-off', async () => {
    let tries = 0;
    bench.prepare = async () => {
      tries += 1;
      throw new PlatformError({ code: 'FailedPrecondition', reason: 'FailedMount', message: 'no such volume' });
    };
    const paths = await begin();
    await bench.run(paths, 4_000);
    expect(tries).toBe(4);
    expect(await mainOf(paths)).toMatchObject({ state: { waiting: { reason: 'ContainerCreating', message: 'no such volume' } } });
    expect(bench.said()).toContain('FailedMount: no such volume');
    bench.prepare = async () => {};
    await bench.run(paths, 4_500);
    expect(await mainOf(paths)).toMatchObject({ ready: true });
  });

  it('is not begun where it was deleted while its volumes were made', async () => {
    const paths = await begin();
    bench.prepare = async () => {
      await bench.delete(paths, 30);
      await bench.find(paths);
    };
    expect({ next: await bench.look(paths), starts: bench.runtime.starts }).toEqual({ next: 0, starts: [] });
    await bench.run(paths, 100);
    expect(await bench.find(paths)).toBeUndefined();
  });

  it('shows that it is being made, and names the driver that says nothing', async () => {
    const [asked, made] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    bench.prepare = () => {
      asked.resolve();
      return made.promise;
    };
    bench.awaited = ['waiting for disk.example'];
    const paths = await begin();
    const looked = bench.look(paths);
    // why not its end: the look does not end before its volumes are there
    await asked.promise;
    await bench.clock.step(6_000);
    expect(bench.said()).toEqual(['FailedMount: waiting for disk.example']);
    made.resolve();
    await looked;
    bench.prepare = async () => {};
    await bench.run(paths, 1_000);
    expect(await mainOf(paths)).toMatchObject({ ready: true });
    expect(bench.clock.nowMs()).toBeGreaterThan(Date.parse((await statusOf(paths))?.startTime ?? ''));
  });

  it('tries a container again that the node could not start, and says why it waits', async () => {
    bench.beforeContainer = async () => {
      throw new PlatformError({ code: 'NotFound', reason: 'CreateContainerConfigError', message: 'configmap "app" not found' });
    };
    const paths = await begin();
    await bench.run(paths, 1_000);
    expect(await mainOf(paths)).toMatchObject({
      state: { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "app" not found' } },
    });
    bench.beforeContainer = async () => {};
    await bench.run(paths, 3_000);
    expect(await mainOf(paths)).toMatchObject({ ready: true, restartCount: 0 });
  });

  it('tries again where the runtime has no room, and never throws', async () => {
    bench.runtime.beforeStart = () => Promise.reject(new TypeError('no space left on device'));
    const paths = await begin();
    await bench.run(paths, 1_000);
    expect(bench.runtime.starts).toEqual([]);
    bench.runtime.beforeStart = async () => {};
    await bench.run(paths, 11_000);
    expect(await mainOf(paths)).toMatchObject({ ready: true });
  });

  it('is refused where another has its port, and stays refused', async () => {
    const container = { ports: [{ containerPort: 80, hostPort: 8080 }] };
    const first = await begin({ container });
    await bench.run(first, 500);
    const second = await begin({ name: 'other', container });
    await bench.run(second, 500);
    expect(await statusOf(second)).toMatchObject({ phase: 'Failed', reason: 'NodePorts' });
    await bench.delete(first, 0);
    await bench.run(first, 2_000);
    await bench.run(second, 2_000);
    expect(await statusOf(second)).toMatchObject({ phase: 'Failed' });
    expect(bench.runtime.starts).toHaveLength(1);
  });
});

it('where no pod can run, each says why and nothing is touched', async () => {
  await bench.close();
  bench = await PodBench.start({ notReady: { reason: 'NotPrivileged', message: 'pods can not run here' } });
  const paths = await begin();
  await bench.run(paths, 1_000);
  expect(await mainOf(paths)).toMatchObject({ state: { waiting: { reason: 'NotPrivileged', message: 'pods can not run here' } } });
  expect(bench.said()).toEqual(['NodeNotReady: pods can not run here']);
  expect(await isPresent(paths.dir)).toBe(false);
});

it('a status that another writer overtook is computed again a moment later', async () => {
  const paths = await begin();
  const stale = await bench.find(paths);
  bench.prepare = async (pod) => {
    await bench.api.client.patch(pods, {
      key: keyOf(pod),
      patch: { type: 'merge', body: { metadata: { labels: { written: 'meanwhile' } } } },
    });
  };
  expect(await bench.look(paths)).toBe(50);
  expect(stale?.status?.phase).not.toBe('Running');
  await bench.run(paths, 1_000);
  expect(await mainOf(paths)).toMatchObject({ ready: true });
});

describe('CRASH: whatever the agent forgets is found again', () => {
  it('a restart of the platform starts nothing twice and tells nothing anew', async () => {
    const paths = await begin();
    await bench.run(paths, 1_000);
    bench.restart();
    await bench.run(paths, 40_000);
    expect({ starts: bench.runtime.starts, said: bench.said() }).toEqual({ starts: [], said: [] });
    expect(await mainOf(paths)).toMatchObject({ ready: true, restartCount: 0 });
  });

  it('a restart of the platform goes on with an end that was begun', async () => {
    bench.lives.set('main', { onStop: 'ignored' });
    const paths = await begin({ spec: { terminationGracePeriodSeconds: 10 } });
    await bench.run(paths, 1_000);
    await bench.delete(paths);
    await bench.run(paths, 6_000);
    bench.restart();
    await bench.run(paths, 5_000);
    expect(await bench.find(paths)).toBeUndefined();
  });

  it.each([
    { name: 'a restart of the machine', lose: () => bench.restart('machine') },
    { name: 'the loss of its processes', lose: () => bench.runtime.lose() },
  ])('$name restarts what ran, and counts it', async ({ lose }) => {
    const paths = await begin();
    await bench.run(paths, 1_000);
    lose();
    await bench.run(paths, 40_000);
    expect(await mainOf(paths)).toMatchObject({
      ready: true,
      restartCount: 1,
      lastState: { terminated: { reason: 'ContainerStatusUnknown' } },
    });
  });
});
