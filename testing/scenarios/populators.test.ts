import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { ArchiveServer } from './populators/archive-server.ts';

const CLASSES = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: soon}
provisioner: local.stowage.dev
volumeBindingMode: Immediate
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: later}
provisioner: local.stowage.dev
volumeBindingMode: WaitForFirstConsumer
reclaimPolicy: Retain
`;

const claim = (name: string, storageClassName: string, source: string): string => `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {storageClassName: ${storageClassName}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}, dataSourceRef: {apiGroup: populators.stowage.dev, ${source}}}
`;
const archive = (name: string, spec: string): string => `
apiVersion: populators.stowage.dev/v1alpha1
kind: Archive
metadata: {name: ${name}}
spec: {${spec}}
`;
const reader = (claimName: string, command: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: read-${claimName}}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox, command: [sh, -c, '${command}'], volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: ${claimName}}}]
`;

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'VOL-15: claims that are filled', () => {
  let platform: PlatformProcess;
  let server: ArchiveServer;
  let folder: string;
  const big = randomBytes(6_000_000);
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'stowage-archives-'));
    mkdirSync(path.join(folder, 'site', 'deep'), { recursive: true });
    writeFileSync(path.join(folder, 'site', 'page'), 'hello\n');
    writeFileSync(path.join(folder, 'site', 'deep', 'big'), big);
    symlinkSync('../page', path.join(folder, 'site', 'deep', 'link'));
    server = await ArchiveServer.start();
    execFileSync('tar', ['czf', path.join(folder, 'site.tar.gz'), '-C', path.join(folder, 'site'), '.']);
    server.files.set('site.tar.gz', readFileSync(path.join(folder, 'site.tar.gz')));
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--archive-hosts', server.host] });
    await apply(CLASSES);
  });
  afterAll(async () => {
    await platform.remove();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const apply = (...texts: readonly string[]): Promise<string> => platform.kubectl.run(['apply', '-f', '-'], texts.join('---\n'));
  const events = (name: string): Promise<string> =>
    platform.kubectl.run([
      'get',
      'events',
      '--field-selector',
      `involvedObject.name=${name}`,
      '-o',
      'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}',
    ]);
  const bound = (name: string): Promise<string> =>
    platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', `pvc/${name}`, '--timeout=60s']);
  const read = async (name: string, command: string): Promise<string> => {
    await apply(reader(name, command));
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', `pod/read-${name}`, '--timeout=60s']);
    return platform.kubectl.run(['logs', `read-${name}`]);
  };
  const leftovers = (): Promise<string> => platform.kubectl.run(['get', 'pods,pvc', '-n', 'stowage-populators', '-o', 'name']);
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

  it('an archive with its checksum, at once: the files, links and bytes of it, and nothing left of the filling', async () => {
    const sum = sha256(server.files.get('site.tar.gz') ?? Buffer.alloc(0));
    await apply(
      archive('site', `sourceURL: "${server.url('site.tar.gz')}", sha256: ${sum}, extractPath: /www`),
      claim('web', 'soon', 'kind: Archive, name: site'),
    );
    await bound('web');
    expect(await read('web', 'cat /data/www/deep/link; sha256sum /data/www/deep/big')).toBe(`hello\n${sha256(big)}  /data/www/deep/big\n`);
    await eventually(async () => expect(await leftovers()).toBe(''));
    await eventually(async () => expect(await events('web')).toContain('PopulatorFinished'));
    expect(await platform.kubectl.run(['get', 'pvc', 'web', '-o', 'jsonpath={.metadata.finalizers} {.status.conditions}'])).not.toMatch(
      /populat/i,
    );
  });
});
