import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine } from '#testing/platform/machine-inventory.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { EMPTYDIR_POD, EXAMPLE_CLAIM, WRITER_POD } from './manifests.ts';

describeWith(['root', 'runc', 'busybox', 'xfs', 'ext4', 'ip', 'unzip'], 'a first claim and pod with a stock kubectl', () => {
  let platform: PlatformProcess;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  });
  afterAll(async () => platform.remove());

  it('RUN-1: starts empty, with a ready node and a default class', async () => {
    const { kubectl } = platform;
    expect(await kubectl.run(['get', 'storageclass'])).toMatch(/local \(default\)\s+local\.stowage\.dev\s+Delete\s+Immediate\s+true/);
    await kubectl.run(['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
    expect(await kubectl.run(['get', 'pods', '-A'])).toBe('');
  });

  it('VOL-4: binds the documents’ claim on the default class', async () => {
    const { kubectl } = platform;
    await kubectl.run(['create', 'namespace', 'k-1']);
    expect(await kubectl.run(['apply', '-f', '-'], EXAMPLE_CLAIM)).toContain('persistentvolumeclaim/example-pvc created');
    await kubectl.run(['wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/example-pvc', '-n', 'k-1', '--timeout=60s']);
    const claim = await kubectl.json(['get', 'pvc', 'example-pvc', '-n', 'k-1']);
    expect(claim).toMatchObject({
      metadata: {
        annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'volume.kubernetes.io/storage-provisioner': 'local.stowage.dev' },
      },
      spec: { storageClassName: 'local', volumeName: expect.stringMatching(/^pvc-[0-9a-f-]{36}$/) },
      status: { phase: 'Bound', capacity: { storage: '4Gi' }, accessModes: ['ReadWriteOnce'] },
    });
    expect(await kubectl.run(['get', 'pvc', '-n', 'k-1'])).toMatch(/example-pvc\s+Bound\s+pvc-\S+\s+4Gi\s+RWO\s+local/);
    expect(await kubectl.run(['apply', '-f', '-'], EXAMPLE_CLAIM)).toContain('unchanged');
    const described = await kubectl.run(['describe', 'pvc', 'example-pvc', '-n', 'k-1']);
    expect(described).toMatch(/Normal\s+ProvisioningSucceeded/);
  });

  it.each([
    { subject: 'pvc/example-pvc', status: 0, says: /example-pvc is Bound to volume pvc-\S+ with 4Gi/ },
    { subject: 'pvc/nope', status: 66, says: /^stowage: persistentvolumeclaim k-1\/nope does not exist\nWhat helps: create it/ },
    { subject: 'sc/local', status: 0, says: /^storageclass local makes volumes with driver local\.stowage\.dev/ },
    { subject: 'node/node-1', status: 0, says: /^node node-1 is ready/ },
    { subject: 'ns/k-1', status: 0, says: /^namespace k-1 is Active/ },
    { subject: 'pv/nope', status: 66, says: /^stowage: persistentvolume nope does not exist/ },
    { subject: 'pod/nope', status: 66, says: /^stowage: pod k-1\/nope does not exist/ },
    { subject: 'deployment/nope', status: 64, says: /takes pvc\/NAME or pod\/NAME, not "deployment\/nope"/ },
  ])('stowage explain $subject ends with $status', ({ subject, status, says }) => {
    const { program, args, env } = stowageCommand(['explain', subject, '-n', 'k-1', '--data-dir', platform.dataDir]);
    const ended = spawnSync(program, args, { env: { ...process.env, ...env, KUBECONFIG: '' }, encoding: 'utf8', timeout: 60_000 });
    expect(`${ended.stdout}${ended.stderr}`).toMatch(says);
    expect(ended.status).toBe(status);
  });

  it('stowage status says that nothing waits, and then what does', async () => {
    const run = (): string => {
      const { program, args, env } = stowageCommand(['status', '-n', 'k-1', '--data-dir', platform.dataDir]);
      return spawnSync(program, args, { env: { ...process.env, ...env, KUBECONFIG: '' }, encoding: 'utf8', timeout: 60_000 }).stdout;
    };
    expect(run()).toBe('nothing waits\n');
    const waiting = EXAMPLE_CLAIM.replace('name: example-pvc', 'name: waiting').replace('spec:', 'spec:\n  storageClassName: none');
    await platform.kubectl.run(['apply', '-f', '-'], waiting);
    expect(run()).toMatch(
      /^1 {2}its class does not exist, .*\(needs somebody\)\n {2}What helps: create the storageclass none.*\n {2}pvc\/waiting -n k-1\n$/,
    );
    await platform.kubectl.run(['delete', 'pvc', 'waiting', '-n', 'k-1']);
  });

  it('VOL-12: runs a pod that writes to the claim, with logs, watch and describe', async () => {
    const { kubectl } = platform;
    const watch = kubectl.spawn(['get', 'pods', '-n', 'k-1', '-w', '--output-watch-events']);
    let watched = '';
    watch.stdout.on('data', (chunk: Buffer) => (watched += chunk.toString()));
    await kubectl.run(['apply', '-f', '-'], WRITER_POD);
    await kubectl.run(['wait', '--for=condition=Ready', 'pod/mypod', '-n', 'k-1', '--timeout=60s']);
    await eventually(async () => expect(await kubectl.run(['logs', 'mypod', '-n', 'k-1'])).toBe('written by mypod\n'));
    await eventually(() => expect(watched).toMatch(/ADDED\s+mypod[\s\S]*MODIFIED\s+mypod\s+1\/1\s+Running/));
    watch.kill();
    const described = await kubectl.run(['describe', 'pod', 'mypod', '-n', 'k-1']);
    expect(described).toMatch(/Normal\s+Scheduled.*Successfully assigned k-1\/mypod to/);
    expect(described).toMatch(/Normal\s+Started/);
    expect(described).toMatch(/ClaimName:\s+example-pvc/);
    expect(await kubectl.run(['describe', 'pvc', 'example-pvc', '-n', 'k-1'])).toMatch(/Used By:\s+mypod/);
  });

  it('VOL-11: runs the documents’ emptyDir pod as printed', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-', '-n', 'k-1'], EMPTYDIR_POD);
    await kubectl.run(['wait', '--for=condition=Ready', 'pod/emptydir-demo', '-n', 'k-1', '--timeout=60s']);
    await kubectl.run(['delete', 'pod', 'emptydir-demo', '-n', 'k-1', '--grace-period=1']);
  });

  it('VOL-7: keeps a claim in use Terminating until its pod is gone, and then leaves nothing behind', async () => {
    const { kubectl } = platform;
    await kubectl.run(['delete', 'pvc', 'example-pvc', '-n', 'k-1', '--wait=false']);
    expect(await kubectl.run(['get', 'pvc', 'example-pvc', '-n', 'k-1'])).toMatch(/example-pvc\s+Terminating/);
    const used = await inspectMachine(platform.dataDir, platform.pid);
    expect(used.loopFiles.filter((file) => file.includes('pvc-'))).toHaveLength(1);
    expect(await kubectl.run(['get', 'pod', 'mypod', '-n', 'k-1'])).toMatch(/1\/1\s+Running/);

    await kubectl.run(['delete', 'pod', 'mypod', '-n', 'k-1']);
    await kubectl.run(['wait', '--for=delete', 'pvc/example-pvc', '-n', 'k-1', '--timeout=60s']);
    await eventually(async () => expect(await kubectl.run(['get', 'pv'])).toBe(''));
    await eventually(async () => {
      const left = await inspectMachine(platform.dataDir, platform.pid);
      expect(left.volumes).toEqual([]);
      expect(left.loopFiles.filter((file) => file.includes('pvc-'))).toEqual([]);
      expect(left.mounts.filter((mount) => mount.includes('pods') || mount.includes('pvc-'))).toEqual([]);
      expect(left.processes).toEqual([]);
      expect(left.pods).toEqual([]);
    });
  });

  it('deletes a namespace with everything in it', async () => {
    const { kubectl } = platform;
    await kubectl.run(['apply', '-f', '-'], EXAMPLE_CLAIM);
    await kubectl.run(['apply', '-f', '-'], WRITER_POD);
    await kubectl.run(['delete', 'namespace', 'k-1', '--timeout=90s'], '', 100_000);
    expect((await kubectl.try(['get', 'namespace', 'k-1'])).stderr).toContain('namespaces "k-1" not found');
    await eventually(async () => expect((await inspectMachine(platform.dataDir, platform.pid)).volumes).toEqual([]));
  });
});
