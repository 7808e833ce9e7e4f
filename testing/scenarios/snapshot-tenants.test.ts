import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

/** Two tenants, each with all rights in his own namespace; what ann keeps is worth taking. */
const WORLD = `
apiVersion: v1
kind: Namespace
metadata: {name: team-a}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-b}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: admins, namespace: team-a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: admins, namespace: team-b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{kind: User, name: bob, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: snapshot.storage.k8s.io/v1
kind: VolumeSnapshotClass
metadata: {name: usual, annotations: {snapshot.storage.kubernetes.io/is-default-class: "true"}}
driver: local.stowage.dev
deletionPolicy: Delete
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: team-a}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 48Mi}}}
---
apiVersion: v1
kind: Pod
metadata: {name: writer, namespace: team-a}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox, command: [sh, -c, 'echo treasure >/data/file && sync'], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
`;

const claim = (name: string, source: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 48Mi}}, ${source}}
`;
const SNAPSHOT = 'apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: daily';

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'SNAP-9: two tenants', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    await platform.kubectl.run(['apply', '-f', '-'], WORLD);
    await platform.kubectl.run(['wait', '-n', 'team-a', '--for=jsonpath={.status.phase}=Succeeded', 'pod/writer', '--timeout=60s']);
    const daily =
      'apiVersion: snapshot.storage.k8s.io/v1\nkind: VolumeSnapshot\nmetadata: {name: daily}\nspec: {source: {persistentVolumeClaimName: data}}\n';
    await ann(['apply', '-f', '-'], daily);
    await ann(['wait', '--for=jsonpath={.status.readyToUse}=true', 'volumesnapshot/daily', '--timeout=60s']);
  });
  afterAll(async () => platform.remove());

  const ann = (args: readonly string[], input?: string): Promise<string> =>
    platform.kubectl.run(['--as', 'ann', '-n', 'team-a', ...args], input);
  const bob = (args: readonly string[], input?: string): Promise<string> =>
    platform.kubectl.run(['--as', 'bob', '-n', 'team-b', ...args], input);
  const warningsOf = (name: string): Promise<string> =>
    bob(['get', 'events', '--field-selector', `involvedObject.name=${name},type=Warning`, '-o', 'jsonpath={.items[*].message}']);
  const phaseOf = (name: string): Promise<string> => bob(['get', 'pvc', name, '-o', 'jsonpath={.status.phase}']);

  it('one gets nothing of the other without a grant, whichever way he names it', async () => {
    await bob(
      ['apply', '-f', '-'],
      [
        claim('by-claim', 'dataSourceRef: {kind: PersistentVolumeClaim, name: data, namespace: team-a}'),
        claim('by-snapshot', `dataSourceRef: {${SNAPSHOT}, namespace: team-a}`),
        claim('by-name', 'dataSource: {kind: PersistentVolumeClaim, name: data}'),
        claim('by-snapshot-name', `dataSource: {${SNAPSHOT}}`),
      ].join('---'),
    );
    await eventually(async () => expect(await warningsOf('by-claim')).toContain('no ReferenceGrant of the namespace team-a'));
    await eventually(async () => expect(await warningsOf('by-snapshot')).toContain('"kind":"VolumeSnapshot","name":"daily"'));
    await eventually(async () => expect(await warningsOf('by-name')).toContain('it does not exist: create it first'));
    await eventually(async () => expect(await warningsOf('by-snapshot-name')).toContain('it does not exist: create it first'));
    for (const name of ['by-claim', 'by-snapshot', 'by-name', 'by-snapshot-name']) expect(await phaseOf(name)).toBe('Pending');
    const { program, args, env } = stowageCommand(['explain', 'pvc/by-claim', '-n', 'team-b', '--kubeconfig', platform.kubeconfig]);
    const { stdout } = await promisify(execFile)(program, [...args], { env: { ...process.env, ...env } });
    expect(stdout).toContain('no ReferenceGrant of the namespace team-a lets claims of team-b use it');
  });

  it('nor through the content of a snapshot of the other, nor by a content that he imports', async () => {
    const content = (await ann(['get', 'volumesnapshot', 'daily', '-o', 'jsonpath={.status.boundVolumeSnapshotContentName}'])).trim();
    const handle = await platform.kubectl.run(['get', 'volumesnapshotcontent', content, '-o', 'jsonpath={.status.snapshotHandle}']);
    const taken = `apiVersion: snapshot.storage.k8s.io/v1\nkind: VolumeSnapshot\nmetadata: {name: taken}\nspec: {source: {volumeSnapshotContentName: ${content}}}\n`;
    await bob(['apply', '-f', '-'], taken);
    await bob(
      ['apply', '-f', '-'],
      claim('by-content', 'dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: taken}'),
    );
    await eventually(async () => expect(await warningsOf('taken')).not.toBe(''));
    await eventually(async () => expect(await warningsOf('by-content')).not.toBe(''));
    expect(await phaseOf('by-content')).toBe('Pending');
    const imported = `apiVersion: snapshot.storage.k8s.io/v1\nkind: VolumeSnapshotContent\nmetadata: {name: mine}\nspec: {driver: local.stowage.dev, deletionPolicy: Retain, source: {snapshotHandle: ${handle}}, volumeSnapshotRef: {name: mine, namespace: team-b}}\n`;
    await expect(bob(['create', '-f', '-'], imported)).rejects.toThrow('cannot create resource');
    const grant =
      '{"apiVersion":"gateway.networking.k8s.io/v1beta1","kind":"ReferenceGrant","metadata":{"name":"own","namespace":"team-a"},"spec":{"from":[],"to":[]}}';
    await expect(platform.kubectl.run(['--as', 'bob', 'create', '-f', '-'], grant)).rejects.toThrow('cannot create resource');
  });

  it('what the event says to paste is enough, for that and nothing else', async () => {
    const pasted = /echo '([^']*)'/.exec(await warningsOf('by-snapshot'))?.[1] ?? '';
    await platform.kubectl.run(['--as', 'ann', 'apply', '-f', '-'], pasted);
    await bob(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/by-snapshot', '--timeout=30s']);
    const reader = `apiVersion: v1\nkind: Pod\nmetadata: {name: reader}\nspec: {restartPolicy: Never, containers: [{name: main, image: busybox, command: [cat, /data/file], volumeMounts: [{name: data, mountPath: /data}]}], volumes: [{name: data, persistentVolumeClaim: {claimName: by-snapshot}}]}\n`;
    await bob(['apply', '-f', '-'], reader);
    await bob(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/reader', '--timeout=60s']);
    expect(await bob(['logs', 'reader'])).toBe('treasure\n');
    expect(await phaseOf('by-claim')).toBe('Pending');
    await ann(['delete', 'referencegrant', '--all']);
    await bob(['apply', '-f', '-'], claim('too-late', `dataSourceRef: {${SNAPSHOT}, namespace: team-a}`));
    await eventually(async () => expect(await warningsOf('too-late')).toContain('no ReferenceGrant'));
    // why: nobody holds what he has no grant for, and what was made before is his own
    await ann(['delete', 'volumesnapshot', 'daily', '--timeout=30s']);
    expect(await phaseOf('by-snapshot')).toBe('Bound');
  });
});
