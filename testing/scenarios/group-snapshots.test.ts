import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { trusted } from '#kit/json.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const CLASSES = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: xfs}
provisioner: local.stowage.dev
parameters: {csi.storage.k8s.io/fstype: xfs}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ext4}
provisioner: local.stowage.dev
parameters: {csi.storage.k8s.io/fstype: ext4}
---
apiVersion: groupsnapshot.storage.k8s.io/v1beta1
kind: VolumeGroupSnapshotClass
metadata: {name: usual, annotations: {groupsnapshot.storage.kubernetes.io/is-default-class: "true"}}
driver: local.stowage.dev
deletionPolicy: Delete
`;
/** Adds each number to the first volume, and when it is on the disk there to the second. */
const WRITE = `trap "exit 0" TERM; n=0
while n=$((n+1)); do
  echo $n >>/first/log && sync /first/log && echo $n >>/second/log && sync /second/log || exit 1
  echo $n
done`;
const READ = 'for name in first second; do echo $name $(wc -l </$name/log) $(tail -1 /$name/log); done';
const NAMES = ['first', 'second'] as const;
const GROUPS = Array.from({ length: 5 }, (_, index) => `group-${index + 1}`);

interface Members {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly ownerReferences?: readonly { readonly name: string }[] };
    readonly spec: { readonly source: { readonly persistentVolumeClaimName: string } };
    readonly status?: { readonly readyToUse?: boolean };
  }[];
}

function claimOf(name: string, more: object = {}): object {
  const storage = name === 'first' ? '320Mi' : '48Mi';
  const storageClassName = name === 'first' ? 'xfs' : 'ext4';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels: { app: 'db', part: name } },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName, resources: { requests: { storage } }, ...more },
  };
}

function groupOf(name: string): object {
  const selector = { matchLabels: { app: 'db' }, matchExpressions: [{ key: 'part', operator: 'In', values: NAMES }] };
  return { apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', metadata: { name }, spec: { source: { selector } } };
}

function pod(name: string, script: string, claims: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', script],
          volumeMounts: Object.keys(claims).map((volume) => ({ name: volume, mountPath: `/${volume}` })),
        },
      ],
      volumes: Object.entries(claims).map(([volume, claimName]) => ({ name: volume, persistentVolumeClaim: { claimName } })),
    },
  };
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-8: groups of claims that are written all the time', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '6Gi'], processGroup: 'own' });
    await platform.kubectl.run(['apply', '-f', '-'], CLASSES);
    await apply(...NAMES.map((name) => claimOf(name)), pod('writer', WRITE, { first: 'first', second: 'second' }));
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  const apply = (...items: readonly object[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const newest = async (): Promise<number> =>
    Number((await platform.kubectl.run(['logs', 'writer', '--tail=1'])).trim().split('\n').at(-1));
  const isReady = (name: string): Promise<string> =>
    platform.kubectl.run(['wait', '--for=jsonpath={.status.readyToUse}=true', `volumegroupsnapshot/${name}`, '--timeout=60s']);
  const membersOf = async (group: string): Promise<Members['items']> => {
    const { items } = trusted<Members>(await platform.kubectl.json(['get', 'volumesnapshots']));
    return items.filter(({ metadata }) => metadata.ownerReferences?.[0]?.name === group);
  };
  const explained = async (object: string): Promise<string> => {
    const { program, args, env } = stowageCommand(['explain', object, '-n', 'default', '--kubeconfig', platform.kubeconfig]);
    return (await promisify(execFile)(program, [...args], { env: { ...process.env, ...env } })).stdout;
  };
  const inventory = () => inspectMachine(platform.dataDir, platform.pid);

  it('takes five of them, each with a snapshot of every claim', async () => {
    await eventually(async () => expect(await newest()).toBeGreaterThan(10));
    for (const name of GROUPS) {
      await apply(groupOf(name));
      await isReady(name);
      expect((await membersOf(name)).map(({ spec }) => spec.source.persistentVolumeClaimName).toSorted()).toEqual(NAMES);
    }
    for (const version of ['v1beta2', 'v1beta1'])
      expect(await platform.kubectl.run(['get', `volumegroupsnapshots.${version}.groupsnapshot.storage.k8s.io`, '-o', 'name'])).toContain(
        'group-1',
      );
    expect((await inventory()).snapshots).toHaveLength(GROUPS.length);
    const labels =
      'driver_name="local.stowage.dev",operation_name="CreateGroupSnapshotAndReady",snapshot_type="dynamic",operation_status="success"';
    const metrics = await platform.kubectl.run(['get', '--raw', '/metrics']);
    expect(metrics).toContain(`snapshot_controller_operation_total_seconds_count{${labels}} ${GROUPS.length}\n`);
    expect(metrics).toContain(`stowage_volume_freeze_seconds_count ${GROUPS.length}\n`);
    expect(metrics).toContain(`stowage_volume_freeze_seconds_bucket{le="10"} ${GROUPS.length}\n`);
  });

  it('has all claims as they were at one moment: what was written second is never ahead of what was written first', async () => {
    for (const group of GROUPS) {
      const found = await membersOf(group);
      const nameOf = (claim: string): string =>
        found.find(({ spec }) => spec.source.persistentVolumeClaimName === claim)?.metadata.name ?? 'none';
      const sources = NAMES.map((claim) => ({
        claim,
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: nameOf(claim) },
      }));
      const restored = sources.map(({ claim, dataSource }) => {
        const draft = trusted<{ metadata: object }>(claimOf(claim, { dataSource }));
        return { ...draft, metadata: { name: `${group}-${claim}` } };
      });
      await apply(...restored, pod(`reader-of-${group}`, READ, { first: `${group}-first`, second: `${group}-second` }));
      await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/reader-of-${group}`, '--timeout=60s']);
      const lines = (await platform.kubectl.run(['logs', `reader-of-${group}`])).trim().split('\n');
      const [first = 0, second = 0] = lines.map((line) => {
        const [, count, last] = line.split(' ');
        expect(count, line).toBe(last);
        return Number(count);
      });
      expect(second, group).toBeGreaterThan(0);
      expect([0, 1], `${group}: ${first} and ${second}`).toContain(first - second);
    }
  });

  it('lets no member go alone, and all of a group at once', async () => {
    const { kubectl } = platform;
    const [member] = await membersOf('group-1');
    await kubectl.run(['delete', 'volumesnapshot', member?.metadata.name ?? '', '--wait=false']);
    await eventually(async () =>
      expect(await kubectl.run(['describe', 'volumesnapshot', member?.metadata.name ?? ''])).toContain(
        'is a member of the VolumeGroupSnapshot',
      ),
    );
    expect(await membersOf('group-1')).toHaveLength(2);
    expect(await explained(`volumesnapshot/${member?.metadata.name ?? ''}`)).toContain(
      'What helps: kubectl delete volumegroupsnapshot group-1',
    );
    expect(await explained('vgs/group-1')).toMatch(/^volumegroupsnapshot default\/group-1 is ready: claims can be made from it\n/);
    await kubectl.run(['delete', 'volumegroupsnapshot', 'group-1', '--timeout=60s']);
    expect(await membersOf('group-1')).toEqual([]);
    expect((await inventory()).snapshots).toHaveLength(GROUPS.length - 1);
  });

  it('takes each once though it is killed meanwhile, writers go on, and nothing is left when all go', async () => {
    await platform.kubectl.run(['delete', 'volumegroupsnapshot', '--all', '--timeout=60s']);
    await apply(...GROUPS.map(groupOf));
    await eventually(async () => expect((await inventory()).snapshots.length).toBeGreaterThanOrEqual(2));
    await platform.killGroup();
    await platform.start();
    for (const name of GROUPS) await isReady(name);
    expect((await inventory()).snapshots).toHaveLength(GROUPS.length);
    const before = await newest();
    await eventually(async () => expect(await newest()).toBeGreaterThan(before + 3));
    await platform.kubectl.run(['delete', 'pod', '--all']);
    await platform.kubectl.run(['delete', 'volumegroupsnapshot,pvc', '--all', '--wait=false']);
    await eventually(async () => {
      expect(
        await platform.kubectl.run(['get', 'pvc,pv,volumesnapshot,volumesnapshotcontent,volumegroupsnapshotcontent', '-o', 'name']),
      ).toBe('');
      expect(await inventory()).toMatchObject({ volumes: [], snapshots: [], halves: [], staged: [], pods: [] });
    });
  });
});
