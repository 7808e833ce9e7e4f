import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { nodes, pods } from '#api/resources.ts';
import type { Exec } from '#kit/exec.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { Mounter } from '#linux/mounter.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { anImage } from '#testing/builders/image.ts';
import { aPod, type PodOverrides } from '#testing/builders/pod.ts';
import { eventually } from '#testing/eventually.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { FakeContainerRuntime } from '#testing/fakes/fake-container-runtime.ts';
import { assembleNodeAgent, type NodeAgent } from './node-agent.ts';
import { NodePaths } from './node-paths.ts';
import type { NodeEvent } from './status/pod-events.ts';

const PROGRAMS = { runc: '/usr/sbin/runc', busybox: '/bin/busybox', ip: '/sbin/ip', mount: '/bin/mount' };
const SETTINGS = { insecureRegistries: [], fallback: 'none', collection: { highPercent: 85, lowPercent: 80, minAgeMs: 0 } } as const;

let root: string;
let api: TestApi<FakeClock>;
let runtime: FakeContainerRuntime;
let events: NodeEvent[];
let poolProblem: { readonly message: string } | undefined;
let agent: NodeAgent;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'stowage-agent-'));
  api = await startTestApi();
  runtime = new FakeContainerRuntime(api.clock);
  events = [];
  poolProblem = undefined;
});
afterEach(async () => {
  await meanwhile(agent.stop('keep'));
  await api.close();
  rmSync(root, { recursive: true });
});

/** What the machine has mounted is nothing to these tests. */
class NoMounts extends Mounter {
  override async table() {
    return [];
  }
}

const exec: Exec = { run: async () => ({ stdout: '', stderr: '', exitCode: 0 }) };
const pathsOf = () => new NodePaths({ root, runtime: join(root, 'run') });

async function start(over: { readonly canMount?: boolean } = {}): Promise<void> {
  const image = anImage();
  agent = assembleNodeAgent(
    {
      name: 'node-1',
      version: '0.0.0',
      client: api.client,
      claims: undefined,
      clock: api.clock,
      log: silentLogger,
      exec,
      ids: new SystemIds(),
      imageSettings: SETTINGS,
      leaseDurationSec: 40,
      podPidsLimit: undefined,
      evictionHard: '',
      events: { record: (event) => events.push(event) },
      metrics: new Metrics(),
      dirs: { root, runtime: join(root, 'run') },
      drivers: new Map(),
      podTokens: undefined,
      poolProblem: () => poolProblem,
      apiAddress: () => undefined,
    },
    {
      machine: { canMount: over.canMount ?? true, programs: PROGRAMS },
      bounding: 0n,
      mounter: new NoMounts(exec),
      runtime,
      images: { findHere: async () => image, fetch: async () => image, list: async () => [{ names: ['busybox:latest'], sizeBytes: 1 }] },
      profile: {
        name: 'node-1',
        hostIp: '192.0.2.1',
        cpus: 4,
        memoryBytes: 1n << 33n,
        diskBytes: 1n << 40n,
        osImage: 'Linux',
        machineId: 'm',
        bootId: 'b',
        runcVersion: '1.1.5',
        version: '0.0.0',
      },
      means: {
        hasSeccomp: false,
        appArmorProfiles: undefined,
        hasCgroupNamespaces: false,
        hasRecursiveReadOnly: true,
        seccompDir: root,
        architectures: [],
      },
    },
  );
  await meanwhile(agent.start());
}

/** Time goes on until `work` is through. */
async function meanwhile<T>(work: Promise<T>): Promise<T> {
  let isDone = false;
  void work.finally(() => (isDone = true)).catch(() => {});
  await eventually(async () => {
    await api.clock.step(50);
    if (!isDone) throw new Error('it still goes on');
  });
  return work;
}

/** Time goes on until `check` no longer throws. */
function soon<T>(check: () => Promise<T>): Promise<T> {
  return eventually(async () => {
    await api.clock.step(50);
    return check();
  });
}

async function create(over: PodOverrides = {}): Promise<Pod> {
  return api.client.create(pods, aPod({ nodeName: 'node-1', ...over }));
}
const now = (pod: Pod): Promise<Pod> => api.client.get(pods, keyOf(pod));
const isRunning = (pod: Pod): Promise<void> => soon(async () => expect((await now(pod)).status).toMatchObject({ phase: 'Running' }));
const startsOf = () => runtime.starts.map(({ run }) => run.runtimeId);

describe('a node', () => {
  it('registers itself, works on its pods and on nobody else’s', async () => {
    await start();
    const node = await api.client.get(nodes, { namespace: '', name: 'node-1' });
    expect(node.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    expect(node.status?.images).toEqual([{ names: ['busybox:latest'], sizeBytes: 1 }]);
    await create({ name: 'elsewhere', nodeName: 'node-2' });
    const pod = await create();
    await isRunning(pod);
    expect(startsOf()).toEqual([`${pod.metadata.uid}.main.0`]);
    expect((await agent.inventory()).pods).toEqual([pod.metadata.uid]);
  });

  it('hears of an end by itself, and of a pod that is deleted', async () => {
    await start();
    const pod = await create({ spec: { restartPolicy: 'Never' } });
    const other = await create({ name: 'other' });
    await isRunning(pod);
    await isRunning(other);
    runtime.exit(pathsOf().pod(pod.metadata.uid).run('main', 0), { exitCode: 0 });
    await soon(async () => expect((await now(pod)).status).toMatchObject({ phase: 'Succeeded' }));
    await api.client.delete(pods, keyOf(other));
    await soon(async () => expect(await agent.inventory()).toMatchObject({ pods: [pod.metadata.uid] }));
    await expect(now(other)).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('where no pod can run says so and touches nothing', async () => {
    await start({ canMount: false });
    expect(agent.notReady).toMatchObject({ reason: 'NotPrivileged' });
    const node = await api.client.get(nodes, { namespace: '', name: 'node-1' });
    expect(node.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False', reason: 'NotPrivileged' }));
    const pod = await create();
    await soon(async () => expect(events.map(({ reason }) => reason)).toContain('NodeNotReady'));
    expect({ starts: startsOf(), phase: (await now(pod)).status?.phase }).toEqual({ starts: [], phase: 'Pending' });
    expect((await agent.inventory()).pods).toEqual([]);
  });

  it('says that its pool has a problem, and that it is over', async () => {
    await start();
    poolProblem = { message: 'the disk is gone' };
    await meanwhile(agent.reportPool());
    const condition = async () =>
      (await api.client.get(nodes, { namespace: '', name: 'node-1' })).status?.conditions?.find(({ type }) => type === 'PoolUnavailable');
    expect(await condition()).toMatchObject({ status: 'True', message: 'the disk is gone' });
    expect(events).toMatchObject([{ reason: 'PoolUnavailable' }]);
    poolProblem = undefined;
    await meanwhile(agent.reportPool());
    expect(await condition()).toMatchObject({ status: 'False' });
  });
});

describe('a node that starts again', () => {
  it('takes over what runs, and starts nothing twice', async () => {
    await start();
    const pod = await create();
    await isRunning(pod);
    await meanwhile(agent.stop('keep'));
    runtime = runtime.restarted();
    events.length = 0;
    await start();
    await create({ name: 'later' }).then(isRunning);
    expect(startsOf().filter((id) => id.startsWith(pod.metadata.uid))).toEqual([]);
    expect((await now(pod)).status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true });
  });

  it('runs again what it stopped with itself, whatever the restart policy, and does not count it', async () => {
    await start();
    const pod = await create({ spec: { restartPolicy: 'Never' } });
    await isRunning(pod);
    await meanwhile(agent.stop('pause'));
    const run = pathsOf().pod(pod.metadata.uid).run('main', 0);
    expect(await runtime.observeRun(run)).toMatchObject({ state: { phase: 'exited' }, platformStopAtMs: expect.any(Number) });
    expect((await now(pod)).status?.phase).not.toBe('Failed');
    runtime = runtime.restarted();
    await start();
    await soon(async () => expect(startsOf()).toEqual([`${pod.metadata.uid}.main.1`]));
    await soon(async () => expect((await now(pod)).status?.containerStatuses?.[0]).toMatchObject({ restartCount: 0, ready: true }));
  });

  it('removes what is left of pods that the API no longer knows', async () => {
    const left = pathsOf().pod('11111111-2222-4333-8444-555555555555');
    mkdirSync(left.containers, { recursive: true });
    await start();
    await soon(async () => expect(existsSync(left.dir)).toBe(false));
  });
});
