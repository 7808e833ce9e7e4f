import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { outputOf, shell, waitForRunning } from './run-pods.ts';

/**
 * Made by an earlier version: claims on a filesystem, a directory and a raw device, one that waits for a pod, a released volume, and a StatefulSet that had
 * counted to nine when the platform was stopped.
 */
const ARCHIVE = path.join(import.meta.dirname, '..', 'upgrade', 'platform-1.tar.gz');
const COUNTER = 'c46506c7-641f-4494-b23a-f5cb79b7e8b2';
const COUNTED = 9;

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'a data directory of an earlier version', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'], archive: ARCHIVE });
  });
  afterAll(async () => platform.remove());

  it('API-4: has its pods again, which find their data', async () => {
    const pod = await waitForRunning(platform.kubectl, 'counter-0');
    expect(pod.metadata.uid).toBe(COUNTER);
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    await eventually(async () => {
      const from = /^from (\d+)$/m.exec(await platform.kubectl.run(['logs', 'counter-0']))?.[1];
      expect(Number(from)).toBeGreaterThanOrEqual(COUNTED);
    });
  });

  it('VOL-12: has its claims and volumes, and what was written to them', async () => {
    const { kubectl } = platform;
    const claims = await kubectl.run(['get', 'pvc', '-o', 'jsonpath={range .items[*]}{.metadata.name}={.status.phase} {end}']);
    expect(claims.trim().split(' ').sort()).toEqual(['data-counter-0=Bound', 'kept=Bound', 'raw=Bound', 'shared=Bound', 'waits=Pending']);
    const said = await outputOf(kubectl, {
      name: 'reads',
      claims: ['kept', 'shared', 'waits'],
      volumes: [{ name: 'raw', persistentVolumeClaim: { claimName: 'raw' } }],
      command: shell('cat /data-0/file /data-1/file; head -n 1 /raw; touch /data-2/file && echo waited'),
      container: {
        volumeDevices: [{ name: 'raw', devicePath: '/raw' }],
        volumeMounts: [0, 1, 2].map((index) => ({ name: `data-${index}`, mountPath: `/data-${index}` })),
      },
    });
    expect(said).toBe('kept\nshared\nraw\nwaited\n');
    expect(await kubectl.run(['get', 'pv', '-o', 'jsonpath={.items[?(@.status.phase=="Released")].spec.claimRef.name}'])).toBe('released');
  });

  it('VOL-6: is deleted without a trace', async () => {
    const { kubectl } = platform;
    await kubectl.run(['delete', 'statefulset,pod,pvc', '--all', '--timeout=60s'], '', 90_000);
    const released = await kubectl.run(['get', 'pv', '-o', 'name']);
    for (const name of released.trim().split('\n'))
      await kubectl.try(['patch', name, '-p', '{"spec":{"persistentVolumeReclaimPolicy":"Delete"}}']);
    await eventually(async () => {
      expect((await kubectl.run(['get', 'pv', '-o', 'name'])).trim()).toBe('');
      expect((await kubectl.try(['get', 'pod', 'counter-0'])).stderr).toContain('not found');
      const found = await inspectMachine(platform.dataDir, platform.pid);
      expect(found).toMatchObject({ volumes: [], pods: [], networks: [], cgroups: [], processes: [], staged: [], halves: [] });
    });
  });
});
