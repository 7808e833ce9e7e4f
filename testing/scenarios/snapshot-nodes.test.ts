import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimOf, snapshotOf } from './snapshots/objects.ts';

const CLASSES = [
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'near' },
    provisioner: 'local.stowage.dev',
    volumeBindingMode: 'WaitForFirstConsumer',
  },
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'anywhere' }, provisioner: 'local.stowage.dev' },
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: 'usual', annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } },
    driver: 'local.stowage.dev',
    deletionPolicy: 'Delete',
  },
];

function pod(name: string, script: string, node?: string): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
      containers: [
        {
          name: 'main',
          image: 'busybox',
          command: ['sh', '-c', script],
          env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
  };
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-1: snapshots on several nodes', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', '2'] });
    await apply(...CLASSES, claimOf('data', '16Mi', { storageClassName: 'near' }), pod('data', 'echo from $NODE >/data/log', 'node-2'));
    await ended('data');
    await apply(snapshotOf('data-1', 'data'));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.readyToUse}=true', 'volumesnapshot/data-1', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  const apply = (...items: readonly unknown[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const ended = async (name: string): Promise<string> => {
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=60s']);
    return platform.kubectl.run(['logs', name]);
  };

  it.each(['anywhere', 'near'])('makes a volume of the class %s where the snapshot lies', async (storageClassName) => {
    await apply(
      claimOf(storageClassName, '16Mi', { storageClassName, dataSource: 'data-1' }),
      pod(storageClassName, 'cat /data/log; echo on $NODE'),
    );
    expect(await ended(storageClassName)).toBe('from node-2\non node-2\n');
  });

  it('says where the snapshot lies when the pod has to run elsewhere', async () => {
    await apply(claimOf('far', '16Mi', { storageClassName: 'near', dataSource: 'data-1' }), pod('far', 'cat /data/log', 'node-1'));
    await eventually(async () => {
      expect(await platform.kubectl.run(['describe', 'pvc', 'far'])).toMatch(/node-2/);
    }, 20_000);
    await platform.kubectl.run(['delete', 'pod/far', 'pvc/far']);
  });

  it('leaves nothing on either node', async () => {
    await platform.kubectl.run(['delete', 'pod,pvc', '--all']);
    await platform.kubectl.run(['delete', 'volumesnapshot', '--all']);
    await eventually(async () =>
      expect(await inspectMachine(platform.dataDir, platform.pid)).toMatchObject({ volumes: [], snapshots: [], halves: [], staged: [] }),
    );
  });
});
