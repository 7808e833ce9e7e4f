import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { readObjects } from '#machinery/store/read-objects.ts';
import type { Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine, simulateReboot } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { applyPods, claimJson, getPod, shell, waitForPhase, waitForRunning } from './run-pods.ts';

/** Pods that run while the platform is killed. */
const MANY = 30;
const NEEDS = ['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'] as const;
/** Says a number every 0.2 s, and starts where the claim says that it was. */
const TICKS = shell(
  'n=$(cat /data-0/n 2>/dev/null || echo 0); echo from $n; while true; do n=$((n+1)); echo $n > /data-0/n; echo tick $n; sleep 0.2; done',
);

function containerOf(pod: Pod) {
  const status = pod.status?.containerStatuses?.[0];
  return { id: status?.containerID, restartCount: status?.restartCount, startedAt: status?.state?.running?.startedAt };
}

/** Pods and processes of the many, as API and node have them. */
async function manyOf(
  platform: PlatformProcess,
): Promise<(ReturnType<typeof containerOf> & { readonly name: string; readonly pid: string })[]> {
  const { items } = trusted<{ readonly items: readonly Pod[] }>(await platform.kubectl.json(['get', 'pods', '-l', 'app=many']));
  return items.map((pod) => {
    const run = path.join(platform.dataDir, 'nodes', 'node-1', 'pods', pod.metadata.uid, 'containers', 'main', '0', 'state');
    const pid = readFileSync(path.join(run, 'pid'), 'utf8');
    // why the stat: a number that was given to another process has another start time
    const started = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19];
    return { name: pod.metadata.name, pid: `${pid} since ${started}`, ...containerOf(pod) };
  });
}

async function ticksOf(kubectl: Kubectl, name: string): Promise<number[]> {
  return [...(await kubectl.run(['logs', name])).matchAll(/^tick (\d+)$/gm)].map((match) => Number(match[1]));
}

/** Claims with their phases, and the volumes that they are bound to. */
async function claimsOf(kubectl: Kubectl): Promise<string> {
  const columns = '{.metadata.name} {.status.phase} {.spec.volumeName}{"\\n"}';
  return kubectl.run(['get', 'persistentvolumeclaims,persistentvolumes', '-o', `jsonpath={range .items[*]}${columns}{end}`]);
}

/** The processes that wait for containers, one each. */
async function shimsOf(platform: PlatformProcess): Promise<string[]> {
  return (await inspectMachine(platform.dataDir, platform.pid)).processes.filter((line) => line.includes('stowage-shim'));
}

/** What a start says whose port another process has. */
async function startOnTakenPort(dataDir: string): Promise<string> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { program, args, env } = stowageCommand(['up', '--data-dir', dataDir, `--port=${port}`, '--no-install', '--no-demo']);
  const { stderr } = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 60_000 });
  other.close();
  return stderr;
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
    expect(await startOnTakenPort(platform.dataDir)).toMatch(/can't listen on 127\.0\.0\.1, port \d+: .*choose another port/);
    await platform.start();

    const ended = await waitForPhase(platform.kubectl, 'ends-alone', 'Failed');
    expect(ended.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 7, reason: 'Error' });
    const after = await waitForRunning(platform.kubectl, 'ticks');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(containerOf(after)).toEqual({ ...containerOf(before), restartCount: 0 });
    expect(after.status?.podIP).toBe(before.status?.podIP);
    const ticks = await ticksOf(platform.kubectl, 'ticks');
    expect(ticks).toEqual(ticks.map((_, index) => index + 1));
    await eventually(async () => expect((await ticksOf(platform.kubectl, 'ticks')).length).toBeGreaterThan(ticks.length));
    expect(await shimsOf(platform)).toHaveLength(1);
    expect(await platform.kubectl.run(['describe', 'pod', 'ticks'])).not.toMatch(/FailedMount|BackOff|Killing/);
  });

  it(`leaves ${MANY} pods alone: the same processes, no restart, logs without a gap`, async () => {
    const names = Array.from({ length: MANY }, (_, index) => `many-${index}`);
    const command = shell('n=0; while true; do n=$((n+1)); echo tick $n; sleep 0.5; done');
    await applyPods(platform.kubectl, ...names.map((name) => ({ name, labels: { app: 'many' }, command })));
    await platform.kubectl.run(['wait', 'pods', '-l', 'app=many', '--for=condition=Ready', '--timeout=90s'], '', 120_000);
    const before = await manyOf(platform);
    await platform.end('SIGKILL');
    await platform.start();
    await eventually(async () => expect(await manyOf(platform)).toEqual(before));
    expect(before.map(({ restartCount }) => restartCount)).toEqual(names.map(() => 0));
    expect(new Set(before.map(({ pid }) => pid)).size).toBe(MANY);
    for (const name of [names[0] ?? '', names.at(-1) ?? '']) {
      const ticks = await ticksOf(platform.kubectl, name);
      expect(ticks).toEqual(ticks.map((_, index) => index + 1));
      await eventually(async () => expect((await ticksOf(platform.kubectl, name)).length).toBeGreaterThan(ticks.length));
    }
    await platform.kubectl.run(['delete', 'pods', '-l', 'app=many', '--grace-period=0', '--force']);
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
    await eventually(async () => expect(await shimsOf(platform)).toHaveLength(1));
  });
});

/** By pod, what a stopped platform's store says of its one container: why it does not run, or that it does. */
function readinessOf(dataDir: string): Readonly<Record<string, string>> {
  const said = [...readObjects(path.join(dataDir, 'store'))].flatMap(({ key, bytes }): [string, string][] => {
    if (key.resource !== 'pods') return [];
    const pod = trusted<Pod>(JSON.parse(Buffer.from(bytes).toString('utf8')));
    const { state } = pod.status?.containerStatuses?.[0] ?? {};
    return [[key.name, state?.waiting?.reason ?? state?.terminated?.reason ?? 'running']];
  });
  return Object.fromEntries(said);
}

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
      expect(await inspectMachine(platform.dataDir)).toMatchObject({
        loopFiles: [],
        mounts: [],
        processes: [],
        networks: [],
        cgroups: [],
        links: [],
        joints: [],
        bridges: [],
      });
      // why read from the disk: it is what the next start shows before its node has looked at anything
      expect(readinessOf(platform.dataDir)).toEqual({
        never: 'PlatformStopped',
        over: 'Completed',
        scratch: 'PlatformStopped',
        ticks: 'PlatformStopped',
      });

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

  it('VOL-12: after a reboot claims and volumes are there, and pods start again and find their data', async () => {
    const written = (await ticksOf(platform.kubectl, 'ticks')).at(-1) ?? 0;
    const claims = await claimsOf(platform.kubectl);
    expect(claims).toContain('kept Bound');
    await platform.end('SIGKILL');
    await simulateReboot(platform.dataDir);
    await platform.start();
    const { kubectl } = platform;
    expect(await claimsOf(kubectl)).toEqual(claims);
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
