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

/** A program whose data is whole only while the file is there, and who may say so. */
const HELD = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: db, labels: {app: db}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 48Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers: [{name: main, image: busybox, command: [sleep, '3600'], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: db}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: schedules}
rules: [{apiGroups: [volumes.stowage.dev], resources: [snapshotschedules], verbs: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: schedules}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: schedules}
subjects: [{kind: User, name: eve, apiGroup: rbac.authorization.k8s.io}]
`;

const HOLDING = `
apiVersion: volumes.stowage.dev/v1alpha1
kind: SnapshotSchedule
metadata: {name: holding}
spec:
  schedule: "@every 1s"
  selector: {matchLabels: {app: db}}
  keep: {count: 1}
  hooks:
    before: [{command: [touch, /data/held]}]
    after: [{command: [rm, /data/held]}]
`;

const BACK = (snapshot: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: back}
spec:
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 48Mi}}
  dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: ${snapshot}}
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox, command: [ls, /data], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: back}}]
`;

describeWith(['root', 'runc', 'busybox', 'xfs', 'ip', 'unzip'], 'SNAP-8: commands in pods around a schedule', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'], processGroup: 'own' });
    await platform.kubectl.run(['apply', '-f', '-'], OBJECTS.slice(0, OBJECTS.indexOf('---')));
    await platform.kubectl.run(['apply', '-f', '-'], HELD);
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/db', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  it('are not for whom may not run commands in pods', async () => {
    await expect(platform.kubectl.run(['--as', 'eve', 'apply', '-f', '-'], HOLDING)).rejects.toThrow(
      'spec.hooks: commands in pods of namespace "default" take the right to create pods/exec there',
    );
    await platform.kubectl.run(['--as', 'eve', 'apply', '-f', '-'], HOLDING.slice(0, HOLDING.indexOf('  hooks:')));
    await platform.kubectl.run(['delete', 'snapshotschedule', 'holding']);
  });

  it('hold a program still in every snapshot, and let it go in the end, also after a kill', async () => {
    const ready = async (): Promise<string> => {
      const text = await platform.kubectl.run([
        'get',
        'volumesnapshots',
        '-l=volumes.stowage.dev/schedule=holding',
        '-o=jsonpath={range .items[?(@.status.readyToUse==true)]}{.metadata.name}{"\\n"}{end}',
      ]);
      return text.trim().split('\n').at(-1) ?? '';
    };
    await platform.kubectl.run(['apply', '-f', '-'], HOLDING);
    await eventually(async () => expect(await ready()).not.toBe(''));
    await platform.killGroup();
    await platform.start();
    const before = await ready();
    await eventually(async () => expect([before, '']).not.toContain(await ready()));
    await platform.kubectl.run(['patch', 'snapshotschedule', 'holding', '--type=merge', '--patch={"spec":{"suspend":true}}']);
    await eventually(async () =>
      expect(await platform.kubectl.run(['get', 'snapshotschedule', 'holding', '-o=jsonpath={.status.hooks}'])).toBe(''),
    );
    expect(await platform.kubectl.run(['exec', 'db', '--', 'ls', '/data'])).not.toContain('held');
    await platform.kubectl.run(['apply', '-f', '-'], BACK(await ready()));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/reader', '--timeout=60s']);
    expect(await platform.kubectl.run(['logs', 'reader'])).toContain('held');
    await platform.kubectl.run(['delete', 'snapshotschedule', 'holding', '--timeout=30s']);
  });
});
