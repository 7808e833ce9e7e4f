import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine, removeLeftovers } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { applyPods, claimJson, getPod, shell, waitForPhase, waitForRunning } from './run-pods.ts';

const NEEDS = ['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'] as const;
/** Says a number every 0.2 s, and starts where the claim says that it was. */
const TICKS = shell(
  'n=$(cat /data-0/n 2>/dev/null || echo 0); echo from $n; while true; do n=$((n+1)); echo $n > /data-0/n; echo tick $n; sleep 0.2; done',
);

function containerOf(pod: Pod) {
  const status = pod.status?.containerStatuses?.[0];
  return { id: status?.containerID, restartCount: status?.restartCount, startedAt: status?.state?.running?.startedAt };
}

async function ticksOf(kubectl: Kubectl, name: string): Promise<number[]> {
  return [...(await kubectl.run(['logs', name])).matchAll(/^tick (\d+)$/gm)].map((match) => Number(match[1]));
}

/** The processes that wait for containers, one each. */
async function shimsOf(platform: PlatformProcess): Promise<string[]> {
  return (await inspectMachine(platform.dataDir, platform.pid)).processes.filter((line) => line.includes('stowage-shim'));
}

describeWith(NEEDS, 'pods when the platform is killed', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  it('leaves pods running, and the next start takes them over as they are', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], claimJson('kept', '32Mi'));
    await applyPods(
      kubectl,
      { name: 'ticks', claims: ['kept'], command: TICKS },
      { name: 'ends-alone', command: shell('sleep 2; echo done; exit 7'), spec: { restartPolicy: 'Never' } },
    );
    const before = await waitForRunning(kubectl, 'ticks');
    await waitForRunning(kubectl, 'ends-alone');
    await platform.end('SIGKILL');
    expect(await shimsOf(platform)).toHaveLength(2);
    // why: the other container is to end while nobody watches
    await eventually(async () => expect(await shimsOf(platform)).toHaveLength(1));
    await platform.start();

    const ended = await waitForPhase(platform.kubectl, 'ends-alone', 'Failed');
    expect(ended.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
    const after = await waitForRunning(platform.kubectl, 'ticks');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(containerOf(after)).toEqual({ ...containerOf(before), restartCount: 0 });
    const ticks = await ticksOf(platform.kubectl, 'ticks');
    expect(ticks).toEqual(ticks.map((_, index) => index + 1));
    await eventually(async () => expect((await ticksOf(platform.kubectl, 'ticks')).length).toBeGreaterThan(ticks.length));
    expect(await shimsOf(platform)).toHaveLength(1);
    expect(await platform.kubectl.run(['describe', 'pod', 'ticks'])).not.toMatch(/FailedMount|BackOff|Killing/);
  });

  it('removes a pod that was deleted right before the kill', async () => {
    const { kubectl } = platform;
    await applyPods(kubectl, { name: 'goes', command: shell('trap "" TERM; while true; do sleep 0.1; done') });
    const { metadata } = await waitForRunning(kubectl, 'goes');
    await kubectl.run(['delete', 'pod', 'goes', '--force', '--grace-period=0', '--wait=false']);
    await platform.end('SIGKILL');
    await platform.start();
    await eventually(async () => {
      const { pods, networks, cgroups, processes } = await inspectMachine(platform.dataDir, platform.pid);
      expect([...pods, ...networks, ...cgroups, ...processes].filter((name) => name.includes(metadata.uid))).toEqual([]);
    });
    expect((await platform.kubectl.try(['get', 'pod', 'goes'])).stderr).toContain('not found');
    expect(await shimsOf(platform)).toHaveLength(1);
  });
});

describeWith(NEEDS, 'pods when the platform is stopped', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['apply', '-f', '-'], claimJson('kept', '32Mi'));
    await applyPods(
      platform.kubectl,
      { name: 'ticks', claims: ['kept'], command: TICKS },
      { name: 'never', command: shell('echo up; sleep 3600'), spec: { restartPolicy: 'Never' } },
      { name: 'over', command: shell('echo over'), spec: { restartPolicy: 'Never' } },
      {
        name: 'scratch',
        command: shell('[ -e /s/mark ] && echo found; touch /s/mark; trap "exit 0" TERM; while true; do sleep 0.1; done'),
        volumes: [{ name: 's', emptyDir: {} }],
        container: { volumeMounts: [{ name: 's', mountPath: '/s' }] },
        spec: { restartPolicy: 'OnFailure' },
      },
    );
    for (const name of ['ticks', 'never', 'scratch']) await waitForRunning(platform.kubectl, name);
    await waitForPhase(platform.kubectl, 'over', 'Succeeded');
  });
  afterAll(async () => platform.remove());

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s leaves nothing on the machine, and the next start runs the same pods again',
    async (signal) => {
      const before = await Promise.all(['ticks', 'never', 'scratch', 'over'].map((name) => getPod(platform.kubectl, name)));
      const written = (await ticksOf(platform.kubectl, 'ticks')).at(-1) ?? 0;
      expect(written).toBeGreaterThan(0);
      expect(await platform.end(signal)).toBe(0);
      expect(await inspectMachine(platform.dataDir)).toMatchObject({ loopFiles: [], mounts: [], processes: [], networks: [], cgroups: [] });

      await platform.start();
      for (const name of ['ticks', 'never', 'scratch']) await waitForRunning(platform.kubectl, name);
      const after = await Promise.all(['ticks', 'never', 'scratch', 'over'].map((name) => getPod(platform.kubectl, name)));
      expect(after.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
      expect(after.map((pod) => containerOf(pod).restartCount)).toEqual([0, 0, 0, 0]);
      expect(after[3]?.status?.containerStatuses).toEqual(before[3]?.status?.containerStatuses);
      expect(await platform.kubectl.run(['logs', 'over'])).toBe('over\n');
      await eventually(async () => {
        const from = Number(/^from (\d+)$/m.exec(await platform.kubectl.run(['logs', 'ticks']))?.[1]);
        expect(from).toBeGreaterThanOrEqual(written);
        expect(await platform.kubectl.run(['logs', 'scratch'])).toBe('found\n');
      });
      expect(await shimsOf(platform)).toHaveLength(3);
    },
  );

  it('starts pods again after the machine lost their processes, mounts, devices and namespaces', async () => {
    const written = (await ticksOf(platform.kubectl, 'ticks')).at(-1) ?? 0;
    await platform.end('SIGKILL');
    // why: what a power cut leaves
    await removeLeftovers(platform.dataDir);
    await platform.start();
    const { kubectl } = platform;
    const ticks = await eventually(async () => {
      const pod = await waitForRunning(kubectl, 'ticks');
      expect(containerOf(pod).restartCount).toBe(1);
      return pod;
    });
    expect(ticks.status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ reason: 'ContainerStatusUnknown', exitCode: 137 });
    await eventually(async () => {
      const from = Number(/^from (\d+)$/m.exec(await kubectl.run(['logs', 'ticks']))?.[1]);
      expect(from).toBeGreaterThanOrEqual(written);
      expect(await kubectl.run(['logs', 'scratch'])).toBe('found\n');
    });
    const never = await waitForPhase(kubectl, 'never', 'Failed');
    expect(never.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: 'ContainerStatusUnknown' });
  });
});

describeWith(NEEDS, 'pods with --keep-pods', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--keep-pods'] });
  });
  afterAll(async () => platform.remove());

  it('keep running while the platform is stopped', async () => {
    await platform.kubectl.run(['apply', '-f', '-'], claimJson('kept', '32Mi'));
    await applyPods(platform.kubectl, { name: 'ticks', claims: ['kept'], command: TICKS });
    const before = await waitForRunning(platform.kubectl, 'ticks');
    await platform.end('SIGTERM');
    expect(await shimsOf(platform)).toHaveLength(1);
    await platform.start();
    const after = await waitForRunning(platform.kubectl, 'ticks');
    expect(containerOf(after)).toEqual(containerOf(before));
    const ticks = await ticksOf(platform.kubectl, 'ticks');
    expect(ticks).toEqual(ticks.map((_, index) => index + 1));
    await eventually(async () => expect((await ticksOf(platform.kubectl, 'ticks')).length).toBeGreaterThan(ticks.length));
  });
});
