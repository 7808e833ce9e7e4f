import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

/** What docs/en/volumes.md tells people to write, at a pace for tests. */
const OBJECTS = `
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: usual, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
driver: local.stowage.dev
deletionPolicy: Delete
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, labels: {app: shop}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 8Mi}}}
---
apiVersion: volumes.stowage.dev/v1alpha1
kind: SnapshotSchedule
metadata: {name: often}
spec:
  schedule: "@every 1s"
  selector: {matchLabels: {app: shop}}
  keep: {count: 2}
`;

describeWith(['root', 'unzip'], 'SNAP-8: snapshots by a schedule', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'], processGroup: 'own' });
    await platform.kubectl.run(['apply', '-f', '-'], OBJECTS);
  });
  afterAll(async () => platform.remove());

  const names = async (): Promise<readonly string[]> => {
    const text = await platform.kubectl.run([
      'get',
      'volumesnapshots',
      '-l',
      'volumes.stowage.dev/schedule=often',
      '-o',
      'name',
      '--sort-by=.metadata.name',
    ]);
    return text.trim().split('\n');
  };

  it('are taken at its times and go again, also after a kill, and nothing of them is left on the machine', async () => {
    await eventually(async () => expect(await names()).toHaveLength(2));
    const first = await names();
    await eventually(async () => expect((await names()).filter((name) => first.includes(name))).toEqual([]));
    await platform.killGroup();
    await platform.start();
    const before = await names();
    await eventually(async () => expect((await names()).filter((name) => before.includes(name))).toEqual([]));
    await platform.kubectl.run(['patch', 'snapshotschedule', 'often', '--type=merge', '--patch={"spec":{"suspend":true}}']);
    await eventually(async () => {
      expect(await names()).toHaveLength(2);
      expect((await inspectMachine(platform.dataDir, platform.pid)).snapshots).toHaveLength(2);
    });
    expect(await platform.kubectl.run(['get', 'snapshotschedule', 'often'])).toMatch(/often +@every 1s +true +2 /);
  });
});
