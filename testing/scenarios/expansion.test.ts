import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const XFS_CLASS = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: xfs}
provisioner: local.stowage.dev
allowVolumeExpansion: true
parameters: {csi.storage.k8s.io/fstype: xfs}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fixed}
provisioner: local.stowage.dev
`;

function claim(name: string, size: string, more = ''): string {
  return `
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: ${size}}}
  ${more}
`;
}

/** Writes a numbered line every tenth of a second, and says how large its volumes are. */
const WRITER = `
---
apiVersion: v1
kind: Pod
metadata: {name: writer}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: writer
    image: busybox
    command: [sh, -c, 'trap "exit 0" TERM; size() { df -m $1 | tail -1 | tr -s " " | cut -d" " -f2; }; n=0; while n=$((n+1)); do echo $n >>/fast/log || exit 1; echo "$n fast $(size /fast) plain $(size /plain) raw $(blockdev --getsize64 /dev/raw)"; sleep 0.1; done']
    volumeMounts: [{name: fast, mountPath: /fast}, {name: plain, mountPath: /plain}]
    volumeDevices: [{name: raw, devicePath: /dev/raw}]
  volumes:
  - {name: fast, persistentVolumeClaim: {claimName: fast}}
  - {name: plain, persistentVolumeClaim: {claimName: plain}}
  - {name: raw, persistentVolumeClaim: {claimName: raw}}
`;

/** Three pods that each write numbered lines into a claim of `size`, which grows with its template. */
function writers(size: string): string {
  return `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: db}}
  volumeClaimUpdatePolicy: InPlace
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: db
        image: busybox
        command: [sh, -c, 'trap "exit 0" TERM; n=0; while n=$((n+1)); do echo $n >>/data/log || exit 1; sync /data/log; echo $n; sleep 0.1; done']
        volumeMounts: [{name: data, mountPath: /data}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec:
      storageClassName: xfs
      accessModes: [ReadWriteOnce]
      resources: {requests: {storage: ${size}}}
`;
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'VOL-9: growing volumes with a stock kubectl', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '4Gi'] });
    const claims = [
      claim('fast', '400Mi', 'storageClassName: xfs'),
      claim('plain', '100Mi'),
      claim('raw', '50Mi', 'volumeMode: Block'),
      claim('fixed', '50Mi', 'storageClassName: fixed'),
    ];
    await platform.kubectl.run(['apply', '-f', '-'], `${XFS_CLASS}${claims.join('')}${WRITER}`);
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  const grow = (name: string, size: string): readonly string[] => [
    'patch',
    'pvc',
    name,
    '-p',
    JSON.stringify({ spec: { resources: { requests: { storage: size } } } }),
  ];
  const capacityOf = (name: string): Promise<string> =>
    platform.kubectl.run(['get', 'pvc', name, '-o', 'jsonpath={.status.capacity.storage}']);
  const lines = async (): Promise<readonly (readonly string[])[]> =>
    (await platform.kubectl.run(['logs', 'writer']))
      .trim()
      .split('\n')
      .map((line) => line.split(' '));

  it('grows file systems and raw devices while the pod writes without a pause', async () => {
    const { kubectl } = platform;
    await kubectl.run(grow('fast', '1Gi'));
    await kubectl.run(grow('raw', '80Mi'));
    await eventually(async () => expect(await Promise.all([capacityOf('fast'), capacityOf('raw')])).toEqual(['1Gi', '80Mi']));
    await eventually(async () => expect(Number((await lines()).at(-1)?.[2])).toBeGreaterThan(900));
    await eventually(async () => expect((await lines()).at(-1)?.[6]).toBe(String(80 * 2 ** 20)));
    const written = await lines();
    expect(Number(written[0]?.[2])).toBeLessThan(400);
    expect(written.map(([number]) => Number(number))).toEqual(written.map((_, index) => index + 1));
    const pod = await kubectl.json(['get', 'pod', 'writer']);
    expect(pod).toMatchObject({ status: { containerStatuses: [{ restartCount: 0 }] } });
    const status = await kubectl.json(['get', 'pvc', 'fast']);
    const conditions = [{ type: 'Unused', status: 'False' }];
    expect(status).toMatchObject({ status: { allocatedResources: { storage: '1Gi' }, phase: 'Bound', conditions } });
    expect(status).not.toHaveProperty('status.allocatedResourceStatuses');
    expect(await kubectl.run(['get', 'pv', '-o', 'jsonpath={.items[*].spec.capacity.storage}'])).toContain('1Gi');
    const told = await kubectl.run(['describe', 'pvc', 'fast']);
    for (const reason of ['Resizing', 'FileSystemResizeRequired', 'FileSystemResizeSuccessful'])
      expect(told).toMatch(new RegExp(`Normal\\s+${reason}`));
  });

  it('grows EXT4 at once where the kernel allows it, else says so and does it when the pod starts again', async () => {
    const { kubectl } = platform;
    await kubectl.run(grow('plain', '200Mi'));
    const state = (): Promise<string> =>
      kubectl.run(['get', 'pvc', 'plain', '-o', 'jsonpath={.status.capacity.storage} {.status.conditions[?(@.type!="Unused")].type}']);
    await eventually(async () => expect(await state()).toMatch(/^200Mi|NodeResizeError/));
    await kubectl.run(['delete', 'pod', 'writer']);
    await kubectl.run(['apply', '-f', '-'], WRITER);
    await kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
    expect(await state()).toBe('200Mi ');
    await eventually(async () => expect(Number((await lines()).at(-1)?.[4])).toBeGreaterThan(150));
  });

  it('refuses what can not grow, and what would shrink', async () => {
    const { kubectl } = platform;
    expect((await kubectl.try(grow('fixed', '100Mi'))).stderr).toContain('the storageclass that provisions the pvc must support resize');
    expect((await kubectl.try(grow('fast', '500Mi'))).stderr).toContain('field can not be less than status.capacity');
  });

  it('recovers from a growth that the pool has no room for: by lowering the request', async () => {
    const { kubectl } = platform;
    await kubectl.run(grow('fast', '900Gi'));
    await eventually(async () => {
      const failed = await kubectl.run(['describe', 'pvc', 'fast']);
      expect(failed).toMatch(/Warning\s+VolumeResizeFailed.*the pool has .* free .* and .* more is needed/);
      expect(failed).toContain('ControllerResizeError');
    });
    await kubectl.run(grow('fast', '1100Mi'));
    await eventually(async () => expect(await capacityOf('fast')).toBe('1100Mi'));
    expect((await lines()).at(-1)?.[1]).toBe('fast');
  });

  it('recovers by the documents’ six steps, without losing data', async () => {
    const { kubectl } = platform;
    await kubectl.run(grow('fast', '900Gi'));
    await eventually(async () => expect(await kubectl.run(['describe', 'pvc', 'fast'])).toContain('ControllerResizeError'));
    const volume = await kubectl.run(['get', 'pvc', 'fast', '-o', 'jsonpath={.spec.volumeName}']);
    const policy = (name: string): readonly string[] => [
      'patch',
      'pv',
      volume,
      '-p',
      `{"spec":{"persistentVolumeReclaimPolicy":"${name}"}}`,
    ];
    await kubectl.run(policy('Retain'));
    const written = await eventually(async () => {
      const newest = Number((await lines()).at(-1)?.[0]);
      expect(newest).toBeGreaterThan(10);
      return newest;
    });
    await kubectl.run(['delete', 'pod', 'writer']);
    await kubectl.run(['delete', 'pvc', 'fast']);
    await kubectl.run(['patch', 'pv', volume, '--type=merge', '-p', '{"spec":{"claimRef":{"uid":null,"resourceVersion":null}}}']);
    await kubectl.run(['apply', '-f', '-'], claim('fast', '1100Mi', `storageClassName: xfs\n  volumeName: ${volume}`));
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/fast', '--timeout=60s']);
    await kubectl.run(policy('Delete'));
    await kubectl.run(['apply', '-f', '-'], WRITER.replace('n=0;', 'n=0; echo kept $(wc -l </fast/log) lines;'));
    await kubectl.run(['wait', '--for=condition=Ready', 'pod/writer', '--timeout=60s']);
    await eventually(async () => {
      const kept = Number(/^kept (\d+) lines/.exec(await kubectl.run(['logs', 'writer']))?.[1]);
      expect(kept).toBeGreaterThanOrEqual(written);
    });
    expect(await capacityOf('fast')).toBe('1100Mi');
  });

  it('VOL-4: says how much of a full pool is free, and makes the volume when there is room', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], claim('late', '3000Mi', 'storageClassName: fixed'));
    await eventually(async () =>
      expect(await kubectl.run(['describe', 'pvc', 'late'])).toMatch(
        /ProvisioningFailed .*code = ResourceExhausted desc = the pool has \S+ free of \S+ and 3000Mi more is needed; delete volumes or ask for less/,
      ),
    );
    await kubectl.run(['delete', 'pod/writer', 'pvc/fast']);
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/late', '--timeout=90s']);
  });

  it('VOL-19: a StatefulSet’s claims grow with their template under writers, also when the pool has no room for one of them', async () => {
    const { kubectl } = platform;
    const members = ['db-0', 'db-1', 'db-2'];
    const sizes = async (): Promise<readonly string[]> => Promise.all(members.map((name) => capacityOf(`data-${name}`)));
    const condition = (): Promise<string> =>
      kubectl.run(['get', 'sts', 'db', '-o', 'jsonpath={.status.conditions[?(@.type=="VolumeClaimsUpdated")].message}']);
    const written = async (name: string): Promise<readonly number[]> =>
      (await kubectl.run(['exec', name, '--', 'cat', '/data/log'])).trim().split('\n').map(Number);
    await kubectl.run(['delete', 'pvc', 'late', 'plain', 'raw']);
    await kubectl.run(['apply', '-f', '-'], writers('320Mi'));
    await kubectl.run(['rollout', 'status', 'sts/db', '--timeout=60s']);
    expect(await kubectl.run(['explain', 'sts.spec.volumeClaimUpdatePolicy'])).toContain('InPlace');
    const uids = (): Promise<string> => kubectl.run(['get', 'pods', '-l', 'app=db', '-o', 'jsonpath={.items[*].metadata.uid}']);
    const started = await uids();

    await kubectl.run(['apply', '-f', '-'], writers('400Mi'));
    await eventually(async () => expect(await sizes()).toEqual(['400Mi', '400Mi', '400Mi']), 60_000);
    expect(await kubectl.run(['describe', 'sts', 'db'])).toMatch(/Normal\s+SuccessfulUpdate\s.*update Claim data-db-2 Pod db-2/);

    await kubectl.run(['apply', '-f', '-'], claim('hog', '1500Mi', 'storageClassName: fixed'));
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/hog', '--timeout=60s']);
    await kubectl.run(['apply', '-f', '-'], writers('1200Mi'));
    await eventually(
      async () => expect(await condition()).toMatch(/^1 of 3 .*claim data-db-1 holds up those behind it: .*more is needed/),
      60_000,
    );
    expect(await sizes()).toEqual(['1200Mi', '400Mi', '400Mi']);
    expect(await kubectl.run(['describe', 'sts', 'db'])).toMatch(/Warning\s+FailedUpdate\s.*update Claim data-db-1 Pod db-1/);
    await kubectl.run(['delete', 'pvc', 'hog']);
    await eventually(async () => expect(await sizes()).toEqual(['1200Mi', '1200Mi', '1200Mi']), 120_000);
    await eventually(async () => expect(await condition()).toBe('3 of 3 claims are as their templates'));

    expect((await kubectl.try(['apply', '-f', '-'], writers('500Mi'))).stderr).toContain('give 1200Mi or more');
    const otherClass = writers('1200Mi').replace('storageClassName: xfs', 'storageClassName: fixed');
    expect((await kubectl.try(['apply', '-f', '-'], otherClass)).stderr).toContain('keep "xfs"');
    for (const name of members) {
      const numbers = await written(name);
      expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    }
    expect(await uids()).toBe(started);
    await kubectl.run(['scale', 'sts/db', '--replicas=4']);
    await eventually(async () =>
      expect(await kubectl.run(['get', 'pvc', 'data-db-3', '-o', 'jsonpath={.spec.resources.requests.storage}'])).toBe('1200Mi'),
    );
  });

  it('VOL-19: what was done is in upstream’s metrics', async () => {
    const text = await platform.kubectl.run(['get', '--raw', '/metrics']);
    const countOf = (series: string): number =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(series))
          ?.split(' ')
          .at(-1),
      );
    const plugin = 'kubernetes.io/csi:local.stowage.dev';
    const tries = (operation: string, status: string): number =>
      countOf(
        `storage_operation_duration_seconds_count{volume_plugin="${plugin}",operation_name="${operation}",status="${status}",migrated="false"}`,
      );
    const calls = (metric: string, method: string, code: string): number =>
      countOf(
        `${metric}_count{driver_name="local.stowage.dev",method_name="/csi.v1.${method}",grpc_status_code="${code}",migrated="false"}`,
      );
    for (const operation of ['volume_provision', 'expand_volume', 'volume_mount', 'volume_unmount', 'volume_fs_resize', 'volume_delete'])
      expect(tries(operation, 'success'), operation).toBeGreaterThan(0);
    expect(tries('expand_volume', 'fail-unknown')).toBeGreaterThan(0);
    expect(countOf(`volume_operation_total_seconds_count{plugin_name="${plugin}",operation_name="provision"}`)).toBeGreaterThan(4);
    expect(calls('csi_sidecar_operations_seconds', 'Controller/CreateVolume', 'OK')).toBeGreaterThan(4);
    expect(calls('csi_sidecar_operations_seconds', 'Controller/ControllerExpandVolume', 'ResourceExhausted')).toBeGreaterThan(0);
    expect(calls('csi_operations_seconds', 'Node/NodePublishVolume', 'OK')).toBeGreaterThan(4);
  });
});
