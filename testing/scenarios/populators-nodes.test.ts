import { afterAll, beforeAll, expect, it } from 'vitest';
import { tarOf } from '#testing/builders/tar.ts';
import { eventually } from '#testing/eventually.ts';
import { ArchiveServer } from '#testing/fakes/archive-server.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const WORLD = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: later}
provisioner: local.stowage.dev
volumeBindingMode: WaitForFirstConsumer
`;
const claim = (name: string, source: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}}
spec: {storageClassName: later, accessModes: [ReadWriteOnce], resources: {requests: {storage: 48Mi}}${source}}
`;
const pod = (name: string, command: string, node: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  restartPolicy: Never
  nodeSelector: {${node}}
  containers: [{name: main, image: busybox, command: [sh, -c, '${command}'], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: ${name}}}]
`;

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'VOL-15, VOL-16: claims that are filled on several nodes', () => {
  let platform: PlatformProcess;
  let server: ArchiveServer;
  beforeAll(async () => {
    server = await ArchiveServer.start();
    server.files.set('page.tar', tarOf([{ name: 'page', body: 'hello\n' }]));
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--nodes', '2', '--archive-hosts', server.host] });
    await platform.kubectl.run(['apply', '-f', '-'], WORLD);
  });
  afterAll(async () => {
    await platform.remove();
    await server.close();
  });

  const apply = (...texts: readonly string[]): Promise<string> => platform.kubectl.run(['apply', '-f', '-'], texts.join('---\n'));
  const ended = async (name: string): Promise<string> => {
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/${name}`, '--timeout=80s']);
    return platform.kubectl.run(['get', 'pod', name, '-o', 'jsonpath={.spec.nodeName}']);
  };

  it('on the further node that its first pod goes to', async () => {
    const archive = `apiVersion: populators.stowage.dev/v1alpha1\nkind: Archive\nmetadata: {name: page}\nspec: {sourceURL: "${server.url('page.tar')}"}\n`;
    await apply(
      archive,
      claim('page', ', dataSourceRef: {apiGroup: populators.stowage.dev, kind: Archive, name: page}'),
      pod('page', 'cat /data/page', 'kubernetes.io/hostname: node-2'),
    );
    expect(await ended('page')).toBe('node-2');
    expect(await platform.kubectl.run(['logs', 'page'])).toBe('hello\n');
  });

  it('from a directory, where that lies: wherever its pod was to go first', async () => {
    await apply(
      claim('source', ''),
      pod('source', 'mkdir /data/app && echo kept >/data/app/file && sync', 'kubernetes.io/hostname: node-2'),
    );
    await ended('source');
    const directory =
      'apiVersion: populators.stowage.dev/v1alpha1\nkind: ClaimDirectory\nmetadata: {name: app}\nspec: {claimName: source, path: app}\n';
    await apply(
      directory,
      ...['one', 'two'].flatMap((name) => [
        claim(name, ', dataSourceRef: {apiGroup: populators.stowage.dev, kind: ClaimDirectory, name: app}'),
        pod(name, 'cat /data/file', ''),
      ]),
    );
    expect(await Promise.all([ended('one'), ended('two')])).toEqual(['node-2', 'node-2']);
    expect(await platform.kubectl.run(['logs', 'one'])).toBe('kept\n');
    await eventually(async () =>
      expect(await platform.kubectl.run(['get', 'pods,pvc', '-n', 'stowage-populators', '-o', 'name'])).toBe(''),
    );
  });
});
