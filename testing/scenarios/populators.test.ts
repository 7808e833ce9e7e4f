import { execFile, execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { tarOf } from '#testing/builders/tar.ts';
import { eventually as eventuallyWithin } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { ArchiveServer } from '#testing/fakes/archive-server.ts';

const eventually = <T>(probe: () => Promise<T>): Promise<T> => eventuallyWithin(probe, 25_000);

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
  const conditions = (name: string): Promise<string> =>
    platform.kubectl.run([
      'get',
      'pvc',
      name,
      '-o',
      'jsonpath={range .status.conditions[?(@.type=="Populating")]}{.type} {.status} {.message}{end}',
    ]);
  const explain = async (name: string): Promise<string> => {
    const { program, args, env } = stowageCommand(['explain', `pvc/${name}`, '--kubeconfig', platform.kubeconfig]);
    return (await promisify(execFile)(program, [...args], { env: { ...process.env, ...env } })).stdout;
  };
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

  it('an archive with its checksum, at once: the files, links and bytes of it, and nothing left of the filling', async () => {
    const sum = sha256(server.files.get('site.tar.gz') ?? Buffer.alloc(0));
    await apply(
      archive('site', `sourceURL: "${server.url('site.tar.gz')}", sha256: "${sum}", extractPath: /www`),
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

  it('with the first pod, of a class that keeps volumes: filled on its node, while its condition says how far it is', async () => {
    server.behaviour.pauseMs = 60;
    await apply(archive('slow', `sourceURL: "${server.url('site.tar.gz')}"`), claim('lazy', 'later', 'kind: Archive, name: slow'));
    await apply(reader('lazy', 'sha256sum /data/deep/big'));
    await eventually(async () => expect(await conditions('lazy')).toMatch(/Populating True \d+ % of 5.7Mi/));
    expect(await explain('lazy')).toMatch(/the populator of Archive.populators.stowage.dev fills its volume: \d+ %/);
    await platform.kubectl.run(['wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/read-lazy', '--timeout=60s']);
    expect(await platform.kubectl.run(['logs', 'read-lazy'])).toBe(`${sha256(big)}  /data/deep/big\n`);
    delete server.behaviour.pauseMs;
    expect(await events('lazy')).toMatch(/PopulatorProgress: Populator has filled in [5-9]\d %/);
    await eventually(async () => expect(await leftovers()).toBe(''));
    expect(await conditions('lazy')).toBe('');
    const volume = await platform.kubectl.run(['get', 'pvc', 'lazy', '-o', 'jsonpath={.spec.volumeName}']);
    expect(await platform.kubectl.run(['get', 'pv', volume, '-o', 'jsonpath={.spec.persistentVolumeReclaimPolicy}'])).toBe('Retain');
  });

  it('never with what is not what was meant, and at once when that is corrected', async () => {
    await apply(
      archive('wrong', `sourceURL: "${server.url('site.tar.gz')}", sha256: "${'0'.repeat(64)}"`),
      claim('wary', 'soon', 'kind: Archive, name: wrong'),
    );
    await eventually(async () => expect(await events('wary')).toContain('PopulatorFailed: Populator failed: the SHA-256 of'));
    expect(await platform.kubectl.run(['get', 'pvc', 'wary', '-o', 'jsonpath={.status.phase}'])).toBe('Pending');
    const sum = sha256(server.files.get('site.tar.gz') ?? Buffer.alloc(0));
    await platform.kubectl.run(['patch', 'archive', 'wrong', '--type', 'merge', '-p', `{"spec":{"sha256":"${sum}"}}`]);
    await bound('wary');
  });

  it.each([
    { name: 'escape', tar: tarOf([{ name: '../../../../../../../tmp/stowage-escaped', body: 'x' }]), says: /leads out of the archive/ },
    {
      name: 'bomb',
      tar: gzipSync(tarOf([{ name: 'zeros', body: Buffer.alloc(200 << 20) }])),
      says: /more than the 64Mi of the claim|the volume is full/,
    },
    { name: 'link', tar: tarOf([{ name: 'etc', type: '2', to: '/etc' }]), says: /would lead out of the volume/ },
  ])('never with a bad archive: $name', async ({ name, tar, says }) => {
    server.files.set(name, tar);
    await apply(archive(name, `sourceURL: "${server.url(name)}"`), claim(name, 'soon', `kind: Archive, name: ${name}`));
    await eventually(async () => expect(await events(name)).toMatch(says));
    expect(existsSync('/tmp/stowage-escaped')).toBe(false);
    await platform.kubectl.run(['delete', 'pvc', name, '--timeout=30s']);
    await eventually(async () => expect(await leftovers()).not.toContain('prime'));
  });

  it('nor from what listens on this machine, unless the administrator has said so', async () => {
    await apply(archive('own', 'sourceURL: "http://localhost:1/x"'), claim('prober', 'soon', 'kind: Archive, name: own'));
    await eventually(async () => expect(await events('prober')).toContain('localhost is an address of this machine'));
    await platform.kubectl.run(['delete', 'pvc', 'prober', '--timeout=30s']);
  });

  it('from a directory of a claim that is in use, also of another namespace with a grant', async () => {
    await platform.kubectl.run(['create', 'namespace', 'taker']);
    await apply(
      'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: used}\nspec: {storageClassName: soon, accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}\n',
      reader('used', 'mkdir -p /data/app/conf && echo kept >/data/app/conf/file && echo other >/data/else && sync && sleep 1000'),
      'apiVersion: populators.stowage.dev/v1alpha1\nkind: ClaimDirectory\nmetadata: {name: conf}\nspec: {claimName: used, path: app/conf, extractPath: /etc}\n',
    );
    await eventually(async () => expect(await platform.kubectl.run(['exec', 'read-used', '--', 'cat', '/data/else'])).toBe('other\n'));
    await apply(claim('conf', 'soon', 'kind: ClaimDirectory, name: conf'));
    await bound('conf');
    expect(await read('conf', 'cd /data && find . -type f && cat etc/file')).toBe('./etc/file\nkept\n');
    const there = claim('conf', 'soon', 'kind: ClaimDirectory, name: conf, namespace: default').replace(
      'name: conf,',
      'name: conf, namespace: taker,',
    );
    await apply(there);
    const said = (): Promise<string> => platform.kubectl.run(['get', 'events', '-n', 'taker', '-o', 'jsonpath={.items[*].message}']);
    await eventually(async () => expect(await said()).toContain('no ReferenceGrant of the namespace default lets claims of taker use it'));
    await platform.kubectl.run(['apply', '-f', '-'], /echo '([^']*)'/.exec(await said())?.[1] ?? '');
    await platform.kubectl.run(['wait', '-n', 'taker', '--for=jsonpath={.status.phase}=Bound', 'pvc/conf', '--timeout=60s']);
    await eventually(async () => expect(await leftovers()).toBe(''));
    expect(await platform.kubectl.run(['get', 'referencegrants', '-o', 'name'])).toBe(
      'referencegrant.gateway.networking.k8s.io/claims-of-taker\n',
    );
    await platform.kubectl.run(['delete', 'pod', 'read-used', '--grace-period=0', '--force']);
  });

  it('and comes to its end after the platform was killed in the middle', async () => {
    server.behaviour.pauseMs = 150;
    await apply(archive('long', `sourceURL: "${server.url('site.tar.gz')}"`), claim('patient', 'soon', 'kind: Archive, name: long'));
    await eventually(async () => expect(await conditions('patient')).toContain('Populating True'));
    await platform.end('SIGKILL');
    await platform.start();
    expect(await platform.kubectl.run(['get', 'pvc', 'patient', '-o', 'jsonpath={.status.phase}'])).toBe('Pending');
    await bound('patient');
    delete server.behaviour.pauseMs;
    expect(await read('patient', 'sha256sum /data/deep/big')).toBe(`${sha256(big)}  /data/deep/big\n`);
    await eventually(async () => expect(await leftovers()).toBe(''));
  });
});
