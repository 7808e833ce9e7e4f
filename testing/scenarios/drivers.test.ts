import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { ensureGoProgram } from '#testing/clients/go-program.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { claimManifest } from './manifests.ts';

const BUILD_TIMEOUT_MS = 900_000;

function manifests(name: string, driver: string): string {
  return `
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: ${name}}
provisioner: ${driver}
---${claimManifest({ name, namespace: 'default', className: name, size: '1Gi' })}---
apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: busybox, command: [sh, -c, "echo from-${name} > /data/file; sleep 3600"], volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: ${name}}}]
`;
}

describeWith(['root', 'runc', 'go', 'unzip', 'npm'], 'CLASS-6: drivers of other vendors', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-drivers-'));
  const at = (name: string): string => path.join(folder, name);
  const children: ChildProcess[] = [];
  let platform: PlatformProcess;
  let program: string;
  beforeAll(async () => {
    program = await ensureGoProgram('stranger');
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--plugins-registry', at('registry')] });
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await platform.remove();
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const startDriver = (...args: string[]): ChildProcess => {
    const child = spawn(program, args, { stdio: 'ignore' });
    children.push(child);
    return child;
  };
  const stowage = async (...words: string[]): Promise<string> => {
    const { program: runtime, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(runtime, [...args], { env: { ...process.env, ...env } });
    return stdout;
  };
  const registered = async (): Promise<string> =>
    platform.kubectl.run(['get', 'csinodes', '-o', 'jsonpath={.items[*].spec.drivers[*].name}']);
  const volumesIn = (name: string): string[] => readdirSync(at(name));

  it('takes one into use that was added by its socket, while the platform runs, and its volumes serve pods', async () => {
    startDriver('added.example.com', at('added'), at('added.sock'));
    await eventually(() => expect(existsSync(at('added.sock'))).toBe(true));
    expect(await stowage('driver', 'add', '--socket', at('added.sock'))).toMatch(
      /^added added\.example\.com 9\.9\.9\n.*CREATE_DELETE_VOLUME/,
    );
    await eventually(async () => expect(await registered()).toContain('added.example.com'));
    expect(await platform.kubectl.run(['get', 'csidriver', 'added.example.com', '-o', 'jsonpath={.spec.attachRequired}'])).toBe('false');
    await platform.kubectl.run(['apply', '-f', '-'], manifests('added', 'added.example.com'));
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/added', '--timeout=60s']);
    const [volume = ''] = volumesIn('added');
    await eventually(() => expect(readFileSync(path.join(at('added'), volume, 'file'), 'utf8')).toBe('from-added\n'));
    await platform.kubectl.run(['delete', 'pod/added', 'pvc/added']);
    await eventually(() => expect(volumesIn('added')).toEqual([]));
  });

  it('knows it again after a restart, and lets go of it when it is removed', async () => {
    await platform.end('SIGTERM');
    await platform.start();
    await eventually(async () => expect(await registered()).toContain('added.example.com'));
    expect(await stowage('driver', 'list')).toContain('added.example.com');
    await stowage('driver', 'remove', 'added.example.com');
    await eventually(async () => expect(await registered()).not.toContain('added.example.com'));
    expect(await platform.kubectl.run(['get', 'csidriver', '-o', 'name'])).toBe('csidriver.storage.k8s.io/local.stowage.dev\n');
    await expect(stowage('driver', 'remove', 'added.example.com')).rejects.toThrow('no driver "added.example.com" was added');
  });

  it('registers one that shows itself as to a kubelet, until its socket goes', async () => {
    const driver = startDriver('shown.example.com', at('shown'), at('shown.sock'), at('registry/shown-reg.sock'));
    await eventually(async () => expect(await registered()).toContain('shown.example.com'));
    await eventually(() => expect(readFileSync(at('told'), 'utf8')).toContain('plugin_registered:true'));
    await platform.kubectl.run(['apply', '-f', '-'], manifests('shown', 'shown.example.com'));
    await platform.kubectl.run(['wait', '--for=condition=Ready', 'pod/shown', '--timeout=60s']);
    await platform.kubectl.run(['delete', 'pod/shown', 'pvc/shown']);
    await eventually(() => expect(volumesIn('shown')).toEqual([]));
    driver.kill('SIGKILL');
    rmSync(at('registry/shown-reg.sock'));
    await eventually(async () => expect(await registered()).not.toContain('shown.example.com'));
  });

  it.each([
    { name: 'nobody serves', socket: 'none.sock', says: 'does not answer' },
    { name: 'the platform’s own name', socket: 'own.sock', says: "is the name of the platform's own driver" },
  ])('refuses a socket where $name', async ({ socket, says }) => {
    if (socket === 'own.sock') startDriver('local.stowage.dev', at('own'), at(socket));
    await expect(eventually(() => stowage('driver', 'add', '--socket', at(socket)), 2_000)).rejects.toThrow(says);
  });
});
