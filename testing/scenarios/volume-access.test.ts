import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Volume } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import type { Kubectl } from '#testing/clients/kubectl.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { applyPods, getPod, outputOf, shell, waitForPhase, waitForRunning } from './run-pods.ts';

function claimOf(name: string, mode: string, more: object = {}): object {
  const spec = { accessModes: [mode], resources: { requests: { storage: '32Mi' } }, ...more };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec };
}

function ephemeral(storage: string): Volume {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
  return trusted({ name: 'scratch', ephemeral: { volumeClaimTemplate: { metadata: { labels: { type: 'temporary' } }, spec } } });
}

/** A volume of that directory to recycle, and the claim that has it. */
function recycledPair(name: string, directory: string): readonly object[] {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name },
      spec: { ...spec, capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: directory } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { ...spec, volumeName: name, resources: { requests: { storage: '1Gi' } } },
    },
  ];
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'who reaches which volume, with a stock kubectl', () => {
  let platform: PlatformProcess;
  let kubectl: Kubectl;
  let hostDir: string;
  beforeAll(async () => {
    hostDir = mkdtempSync(path.join(tmpdir(), 'stowage-access-'));
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    kubectl = platform.kubectl;
    const items = [
      claimOf('one-pod', 'ReadWriteOncePod'),
      claimOf('one-node', 'ReadWriteOnce'),
      claimOf('many', 'ReadWriteMany'),
      claimOf('readers', 'ReadOnlyMany'),
    ];
    await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(hostDir, { recursive: true, force: true });
  });

  it('VOL-8: ReadWriteOncePod is refused to a second pod by the scheduler, and by the node where nobody schedules', async () => {
    await applyPods(kubectl, { name: 'only', claims: ['one-pod'] });
    await waitForRunning(kubectl, 'only');
    const node = await kubectl.run(['get', 'node', '-o', 'name']);
    await applyPods(
      kubectl,
      { name: 'second', claims: ['one-pod'] },
      { name: 'forced', claims: ['one-pod'], nodeName: node.trim().replace('node/', '') },
    );
    await eventually(async () => {
      expect(await kubectl.run(['describe', 'pod', 'second'])).toContain('ReadWriteOncePod access mode already in-use by another pod');
      expect(await kubectl.run(['describe', 'pod', 'forced'])).toMatch(
        /Warning\s+FailedMount.*uses the ReadWriteOncePod access mode and is already in use by another pod/,
      );
    });
    await kubectl.run(['delete', 'pod', 'forced', 'only']);
    await waitForRunning(kubectl, 'second');
    await applyPods(kubectl, { name: 'third', claims: ['one-pod'], nodeName: node.trim().replace('node/', '') });
    await eventually(async () => expect(await kubectl.run(['describe', 'pod', 'third'])).toContain('already in use by another pod'));
    expect((await getPod(kubectl, 'third')).status?.phase).toBe('Pending');
    await kubectl.run(['delete', 'pod', 'second']);
    await waitForRunning(kubectl, 'third');
  });

  it('VOL-8: pods of one node share a ReadWriteOnce claim, and pods share a ReadWriteMany claim', async () => {
    for (const claim of ['one-node', 'many']) {
      const [writer, reader] = [`${claim}-writer`, `${claim}-reader`];
      await applyPods(
        kubectl,
        { name: writer, claims: [claim], command: shell('echo from writer > /data-0/.new && mv /data-0/.new /data-0/file; sleep 600') },
        {
          name: reader,
          claims: [claim],
          command: shell('until cat /data-0/file 2>/dev/null; do sleep 0.1; done'),
          spec: { restartPolicy: 'Never' },
        },
      );
      await waitForPhase(kubectl, reader, 'Succeeded');
      expect(await kubectl.run(['logs', reader])).toBe('from writer\n');
    }
  });

  it('VOL-8: refuses writes to a ReadOnlyMany claim and to a claim that the pod takes read-only', async () => {
    const said = await outputOf(kubectl, {
      name: 'read-only',
      volumes: [
        { name: 'taken', persistentVolumeClaim: { claimName: 'many', readOnly: true } },
        { name: 'readers', persistentVolumeClaim: { claimName: 'readers' } },
      ],
      container: {
        volumeMounts: [
          { name: 'taken', mountPath: '/taken' },
          { name: 'readers', mountPath: '/readers' },
        ],
      },
      command: shell('exec 2>&1; cat /taken/file; touch /taken/x; touch /readers/x; mount -o remount,rw /taken; true'),
    });
    expect(said).toMatch(/^from writer\ntouch: \/taken\/x: Read-only file system\ntouch: \/readers\/x: Read-only file system\n/);
  });

  it('keeps tenants apart: neither .., links nor subPath lead out of a volume', async () => {
    await kubectl.run(['create', 'namespace', 'other']);
    const secret = JSON.stringify(claimOf('secret', 'ReadWriteOnce'));
    await kubectl.run(['apply', '-n', 'other', '-f', '-'], secret);
    expect(
      (
        await kubectl.try(
          ['apply', '-f', '-'],
          JSON.stringify({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name: 'dots' },
            spec: {
              containers: [{ name: 'c', image: 'busybox', volumeMounts: [{ name: 'd', mountPath: '/d', subPath: '../x' }] }],
              volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'many' } }],
            },
          }),
        )
      ).stderr,
    ).toContain("must not contain '..'");
    const lure =
      'ln -sfn / /data-0/root; ln -sfn ../../../../../../.. /data-0/up; mkdir -p /data-0/d; ln -sfn /proc/1/root /data-0/d/proc; ls /data-0/root/data-0 >/dev/null && echo own root';
    expect(await outputOf(kubectl, { name: 'lure', claims: ['many'], command: shell(lure) })).toBe('own root\n');
    const into = (name: string, subPath: string) => ({
      name,
      volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'many' } }],
      container: { volumeMounts: [{ name: 'd', mountPath: '/d', subPath }] },
    });
    await applyPods(kubectl, into('by-root', 'root'), into('by-up', 'up'), into('by-proc', 'd/proc'), {
      name: 'thief',
      claims: ['secret'],
    });
    await eventually(async () => {
      for (const name of ['by-root', 'by-up', 'by-proc'])
        expect(await kubectl.run(['describe', 'pod', name])).toMatch(
          /leads out of the volume through a link|can't be followed inside the volume/,
        );
      expect(await kubectl.run(['describe', 'pod', 'thief'])).toContain('persistentvolumeclaim "secret" not found');
    });
  });

  it('VOL-13: gives a block-backed claim to the group, and leaves the ownership of shared host files alone', async () => {
    mkdirSync(path.join(hostDir, 'share'));
    const securityContext = { runAsUser: 1000, runAsGroup: 1001, fsGroup: 2000, supplementalGroups: [3000] };
    const said = await outputOf(kubectl, {
      name: 'groups',
      claims: ['one-node'],
      volumes: [{ name: 'host', hostPath: { path: path.join(hostDir, 'share') } }],
      container: {
        volumeMounts: [
          { name: 'data-0', mountPath: '/data-0' },
          { name: 'host', mountPath: '/host' },
        ],
      },
      spec: { securityContext },
      command: shell('exec 2>&1; id -G; touch /data-0/mine && stat -c %u:%g /data-0/mine; stat -c %u:%g /host; touch /host/x; true'),
    });
    expect(said).toBe('1001 2000 3000\n1000:2000\n0:0\ntouch: /host/x: Permission denied\n');
  });

  it('VOL-10: makes a claim for a generic ephemeral volume, and takes it away with the pod', async () => {
    await applyPods(kubectl, {
      name: 'ephemeral-demo',
      volumes: [ephemeral('32Mi')],
      container: { volumeMounts: [{ name: 'scratch', mountPath: '/data' }] },
      command: shell('echo hello > /data/hello.txt && sleep 600'),
    });
    await waitForRunning(kubectl, 'ephemeral-demo');
    expect(await kubectl.run(['get', 'pvc', '-l', 'type=temporary'])).toMatch(/ephemeral-demo-scratch\s+Bound/);
    await kubectl.run(['delete', 'pod', 'ephemeral-demo']);
    await kubectl.run(['wait', '--for=delete', 'pvc/ephemeral-demo-scratch', '--timeout=60s']);
    await eventually(async () => expect(await kubectl.run(['get', 'pv'])).not.toContain('ephemeral-demo'));
    await kubectl.run(['apply', '-f', '-'], JSON.stringify(claimOf('taken-scratch', 'ReadWriteOnce')));
    await applyPods(kubectl, { name: 'taken', volumes: [ephemeral('32Mi')] });
    await eventually(async () => {
      expect(await kubectl.run(['describe', 'pod', 'taken'])).toMatch(
        /Warning\s+FailedBinding.*PVC "default\/taken-scratch" was not created for pod "default\/taken" \(pod is not owner\)/,
      );
    });
  });

  it('says which driver makes no inline volumes', async () => {
    await applyPods(kubectl, { name: 'inline', volumes: [{ name: 'v', csi: { driver: 'local.stowage.dev' } }] });
    await eventually(async () => {
      expect(await kubectl.run(['describe', 'pod', 'inline'])).toContain(
        'volume mode "Ephemeral" not supported by driver local.stowage.dev',
      );
    });
  });

  it('VOL-11: evicts a pod that writes more than its emptyDir may hold', async () => {
    await applyPods(kubectl, {
      name: 'greedy',
      volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Mi' } }],
      container: { volumeMounts: [{ name: 'cache', mountPath: '/cache' }] },
      command: shell('dd if=/dev/zero of=/cache/file bs=1M count=3 && sleep 600'),
    });
    const pod = await waitForPhase(kubectl, 'greedy', 'Failed');
    expect(pod.status).toMatchObject({ reason: 'Evicted', message: 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ' });
    await eventually(async () =>
      expect(await kubectl.run(['get', 'pod', 'greedy', '-o', 'jsonpath={.status.containerStatuses[0].state.terminated.exitCode}'])).toBe(
        '137',
      ),
    );
    expect(await kubectl.run(['describe', 'pod', 'greedy'])).toMatch(/Warning\s+Evicted/);
  });

  it('leaves nothing behind', async () => {
    await kubectl.run(['delete', 'pods', '--all'], '', 100_000);
    await kubectl.run(['delete', 'pvc', '--all'], '', 100_000);
    await kubectl.run(['delete', 'namespace', 'other'], '', 100_000);
    await eventually(async () => {
      const left = await inspectMachine(platform.dataDir, platform.pid);
      expect([left.volumes, left.pods, left.processes]).toEqual([[], [], []]);
      expect(left.mounts.filter((mount) => mount.includes('pods') || mount.includes('pvc-'))).toEqual([]);
    });
  });

  it('VOL-6: Recycle empties the directory for the next claim, follows no link out of it, and is refused for system directories', async () => {
    const outside = path.join(hostDir, 'outside');
    const recycled = path.join(hostDir, 'recycled');
    const linked = path.join(hostDir, 'linked');
    for (const directory of [outside, path.join(recycled, '.hidden', 'deep')]) mkdirSync(directory, { recursive: true });
    for (const file of [path.join(outside, 'kept'), path.join(recycled, 'gone'), path.join(recycled, '.hidden', 'deep', 'gone')])
      writeFileSync(file, 'x');
    symlinkSync(outside, path.join(recycled, 'way-out'));
    symlinkSync(outside, linked);
    const volumes = { recycled, linked, system: '/usr/share' };
    const items = Object.entries(volumes).flatMap(([name, directory]) => recycledPair(name, directory));
    await kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    const claims = Object.keys(volumes).map((name) => `pvc/${name}`);
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', ...claims, '--timeout=30s']);
    await kubectl.run(['delete', ...claims]);
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Available', 'pv/recycled', '--timeout=30s']);
    expect(readdirSync(recycled)).toEqual([]);
    expect(await kubectl.run(['describe', 'pv', 'recycled'])).toMatch(/VolumeRecycled\s.*Volume recycled/);
    expect(await kubectl.run(['get', 'pv', 'system', '-o', 'jsonpath={.status.message}'])).toContain('/usr belongs to the system');
    await eventually(async () =>
      expect(await kubectl.run(['describe', 'pod', 'recycler-for-linked'])).toContain(`a symbolic link leads to ${outside}`),
    );
    expect(readdirSync(outside)).toEqual(['kept']);
    await kubectl.run(['delete', 'pv', ...Object.keys(volumes)]);
    await kubectl.run(['wait', '--for=delete', 'pod/recycler-for-linked', 'pod/recycler-for-recycled', '--timeout=30s']);
  });
});
