import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

/** What the documents take for granted: their classes, here of the embedded driver, and claims that are bound. */
const BEFORE = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: csi-storageclass}
provisioner: local.stowage.dev
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: csi-cephfs-snapshotclass}
driver: local.stowage.dev
deletionPolicy: Delete
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: csi-snapclass}
driver: local.stowage.dev
deletionPolicy: Delete
---
apiVersion: v1
kind: Namespace
metadata: {name: k-1}
---
apiVersion: v1
kind: Namespace
metadata: {name: demo-namespace}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: example-pvc, namespace: k-1}
spec: {storageClassName: csi-storageclass, accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: mypvc, namespace: demo-namespace}
spec: {storageClassName: csi-storageclass, accessModes: [ReadWriteOnce], resources: {requests: {storage: 16Mi}}}
`;

function manifest(file: string): string {
  return readFileSync(path.join(import.meta.dirname, '..', 'manifests', file), 'utf8');
}

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'the snapshot pages of the documents, step by step', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['apply', '-f', '-'], BEFORE);
  });
  afterAll(async () => platform.remove());

  const waitUntil = (namespace: string, what: string, condition: string): Promise<string> =>
    platform.kubectl.run(['wait', '-n', namespace, `--for=jsonpath=${condition}`, what, '--timeout=60s']);

  it('SNAP-1, SNAP-3: the snapshot of the example becomes ready, and is found by the label of its claim', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], manifest('snapshot-example.yaml'));
    await waitUntil('k-1', 'volumesnapshot/example-pvc-20250527-111124', '{.status.readyToUse}=true');
    const found = await kubectl.run([
      'get',
      'volumesnapshot',
      '-A',
      '-l',
      'snapshot.cpaas.io/sourcepvc=example-pvc',
      '-o',
      'jsonpath={.items[*].metadata.name} {.items[*].metadata.annotations.cpaas\\.io/description}',
    ]);
    expect(found).toBe('example-pvc-20250527-111124 demo');
  });

  it('SNAP-1, SNAP-7: the snapshot of the old page is taken once its version is the one that the refusal shows, and restored', async () => {
    const { kubectl } = platform;
    const old = manifest('bad-snapshot-v1alpha1.yaml');
    expect((await kubectl.try(['apply', '-f', '-'], old)).exitCode).not.toBe(0);
    await kubectl.run(['apply', '-f', '-'], manifest('pvc-restore.yaml'));
    const mended = old
      .replace('/v1alpha1', '/v1')
      .replace('snapshotClassName', 'volumeSnapshotClassName')
      .replace(/ {4}name: mypvc\n {4}kind: PersistentVolumeClaim/, '    persistentVolumeClaimName: mypvc');
    await kubectl.run(['apply', '-f', '-'], mended);
    await waitUntil('demo-namespace', 'volumesnapshot/new-snapshot-demo', '{.status.readyToUse}=true');
    // why: the claim was there first, and waited
    await waitUntil('demo-namespace', 'pvc/pvc-restore', '{.status.phase}=Bound');
  });
});
