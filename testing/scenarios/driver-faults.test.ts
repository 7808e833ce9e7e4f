import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimManifest } from './manifests.ts';

const DRIVER = 'faulty.example.com';
const CLASS = `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: faulty}
provisioner: ${DRIVER}
`;
const claimNamed = (name: string): string => claimManifest({ name, namespace: 'default', className: 'faulty', size: '1Gi' });
const podNamed = (name: string, claim: string): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: main, image: busybox, command: [sh, -c, "echo written > /data/file; sleep 3600"], volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: ${claim}}}]
`;

describeWith(['root', 'runc', 'busybox', 'unzip', 'npm'], 'CLASS-6: a driver that fails', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-faults-'));
  const at = (name: string): string => path.join(folder, name);
  let platform: PlatformProcess;
  let driver: ChildProcess;

  const startDriver = async (): Promise<void> => {
    const program = path.join(import.meta.dirname, '..', 'programs', 'folder-driver.ts');
    driver = spawn(process.execPath, [program, DRIVER, at('volumes'), at('driver.sock'), at('faults')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => driver.stdout?.once('data', resolve));
  };
  const tell = (faults: Readonly<Record<string, string>>): void => writeFileSync(at('faults'), JSON.stringify(faults));
  const volumes = (): readonly string[] => readdirSync(at('volumes'));
  const kubectl = (...words: string[]): Promise<string> => platform.kubectl.run(words);
  const apply = (...manifests: string[]): Promise<string> => platform.kubectl.run(['apply', '-f', '-'], manifests.join('---'));
  const phaseOf = (object: string): Promise<string> => kubectl('get', object, '-o', 'jsonpath={.status.phase}');
  const told = (name: string): Promise<string> =>
    kubectl(
      'get',
      'events',
      `--field-selector=involvedObject.name=${name}`,
      '-o',
      'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}',
    );

  beforeAll(async () => {
    tell({});
    await startDriver();
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--driver-timeout', '2'] });
    const { program, args, env } = stowageCommand(['driver', 'add', '--socket', at('driver.sock'), '--data-dir', platform.dataDir]);
    await promisify(execFile)(program, [...args], { env: { ...process.env, ...env } });
    await eventually(async () => expect(await kubectl('get', 'csinodes', '-o', 'yaml')).toContain(DRIVER));
    await apply(CLASS);
  });
  afterAll(async () => {
    await platform.remove();
    driver.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('hangs: its claims say so, those of others are bound meanwhile, and its own when it answers', async () => {
    tell({ CreateVolume: 'hang' });
    await apply(...Array.from({ length: 12 }, (_, index) => claimNamed(`stuck-${index}`)));
    await apply(claimManifest({ name: 'free', namespace: 'default', size: '1Mi' }));
    await kubectl('wait', '--for=jsonpath={.status.phase}=Bound', 'pvc/free', '--timeout=10s');
    await eventually(async () =>
      expect(await told('stuck-0')).toContain(
        'ProvisioningFailed: failed to provision volume with StorageClass "faulty": rpc error: code = DeadlineExceeded desc = context deadline exceeded: the driver did not answer within 2 s',
      ),
    );
    expect(await phaseOf('pvc/stuck-0')).toBe('Pending');
    tell({});
    await kubectl('wait', '--for=jsonpath={.status.phase}=Bound', 'pvc', '--all', '--timeout=60s');
    expect(volumes()).toHaveLength(12);
    await kubectl('delete', 'pvc', '--all');
    await eventually(() => expect(volumes()).toEqual([]));
  });

  it('answers late: what it did unheard is found again, or deleted with its claim', async () => {
    tell({ CreateVolume: 'late:3000' });
    await apply(claimNamed('kept'), claimNamed('dropped'));
    await eventually(() => expect(volumes()).toHaveLength(2));
    await kubectl('delete', 'pvc/dropped', '--wait=false');
    await eventually(async () => expect(await told('kept')).toContain('DeadlineExceeded'));
    tell({});
    await eventually(async () => expect(await phaseOf('pvc/kept')).toBe('Bound'));
    await eventually(() => expect(volumes()).toHaveLength(1));
    expect(await kubectl('get', 'pvc', '-o', 'name')).toBe('persistentvolumeclaim/kept\n');
  });

  it('hangs and vanishes while it mounts: the pod says so, another driver’s pod runs, and it runs when the driver is back', async () => {
    tell({ NodePublishVolume: 'hang' });
    await apply(podNamed('waits', 'kept'), claimManifest({ name: 'other', namespace: 'default', size: '16Mi' }), podNamed('runs', 'other'));
    await kubectl('wait', '--for=condition=Ready', 'pod/runs', '--timeout=30s');
    await eventually(async () => expect(await told('waits')).toContain(`the CSI driver ${DRIVER} has not answered NodePublishVolume`));
    tell({ NodePublishVolume: 'die' });
    driver.kill('SIGKILL');
    await eventually(async () =>
      expect(await told('waits')).toMatch(/FailedMount: MountVolume.SetUp failed .* code = Unavailable desc = no connection/),
    );
    tell({});
    await startDriver();
    await kubectl('wait', '--for=condition=Ready', 'pod/waits', '--timeout=60s');
  });

  it('is slow to mount: the pod shows that it is being made, and one that is deleted meanwhile never starts', async () => {
    tell({ NodePublishVolume: 'late:5000' });
    await apply(claimNamed('slow'), podNamed('hasty', 'slow'));
    await eventually(async () => expect(await kubectl('get', 'pod/hasty', '--no-headers')).toContain('ContainerCreating'));
    await kubectl('delete', 'pod/hasty', '--timeout=30s');
    expect(await told('hasty')).not.toMatch(/Pulled|Created|Started|Killing/);
    tell({});
    await kubectl('delete', 'pvc/slow');
    await eventually(() => expect(volumes()).toHaveLength(1));
  });

  it('refuses to let go: pod and volume say so, and go when it does', async () => {
    tell({ NodeUnpublishVolume: 'Internal', DeleteVolume: 'Internal' });
    await kubectl('delete', 'pod/waits', 'pvc/kept', '--wait=false');
    await eventually(async () =>
      expect(await told('waits')).toContain('FailedKillPod: error killing pod: NodeUnpublishVolume was told to fail'),
    );
    tell({ DeleteVolume: 'Internal' });
    const volume = await eventually(async () => {
      const name = volumes()[0] ?? '';
      expect(await told(name)).toContain('VolumeFailedDelete: rpc error: code = Internal desc = DeleteVolume was told to fail');
      return name;
    });
    expect(await phaseOf(`pv/${volume}`)).toBe('Released');
    tell({});
    await eventually(async () => expect(await kubectl('get', 'pv', volume, '--ignore-not-found')).toBe(''));
    expect(volumes()).toEqual([]);
  });
});
