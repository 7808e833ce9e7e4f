import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { dataDirectoryAt } from '#apps/server/data-directory.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { shell } from './run-pods.ts';

const DRIVER = 'folders.example.com';
const CODE = readFileSync(path.join(import.meta.dirname, '..', 'programs', 'folder-plugin.mjs'), 'utf8');
const FIELDS = `
name: folders
version: VERSION
stowage: '>=0.1.0 <1.0.0'
driver: ${DRIVER}
settings:
  type: object
  properties:
    root: {type: string, description: Where the folders are made., default: /nowhere}
    prefix: {type: string, description: What their names begin with., pattern: '^[a-z-]*$', default: ''}
`;
const CSI_DRIVER = `
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {name: ${DRIVER}}
spec: {attachRequired: false, podInfoOnMount: false}
`;
const CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'folders' },
  provisioner: DRIVER,
};
const claim = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { storageClassName: 'folders', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Mi' } } },
});
/** On each node a pod that writes to the same claim. */
const PODS = ['node-1', 'node-2'].map((node) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `on-${node}`, namespace: 'default' },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'first' } }],
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: shell(`trap "exit 0" TERM; while true; do date +%s%N > /data/${node}; sleep 0.2; done`),
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  },
}));

describeWith(['root', 'runc', 'busybox', 'ip', 'unzip'], 'PLUG-1, PLUG-4: a package that brings a driver, settings and a preflight', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-package-driver-'));
  const root = path.join(folder, 'root');
  let platform: PlatformProcess;
  beforeAll(async () => {
    mkdirSync(root);
    platform = await PlatformProcess.start({ flags: ['--no-demo', '--pool-size', '1Gi', '--nodes', '2'] });
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const kubectl = (...words: readonly string[]): Promise<string> => platform.kubectl.run(words);
  const apply = (...items: readonly object[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const run = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand(words);
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, env: { ...process.env, HOME: folder, ...env } });
    return stdout.trim();
  };
  const stowage = (...words: readonly string[]): Promise<string> => run(...words, '--data-dir', platform.dataDir);
  const onBoth = (): Promise<readonly boolean[]> =>
    Promise.all(
      ['node-1', 'node-2'].map(async (node) =>
        (await kubectl('get', 'csinode', node, '-o', 'jsonpath={.spec.drivers[*].name}')).split(' ').includes(DRIVER),
      ),
    );
  const volumeOf = async (name: string): Promise<string> => {
    const volume = await kubectl('get', 'pvc', name, '-o', 'jsonpath={.spec.volumeName}');
    return kubectl('get', 'pv', volume, '-o', 'jsonpath={.spec.csi.volumeHandle} {.spec.csi.volumeAttributes.madeBy}');
  };
  const socket = (): string => path.join(dataDirectoryAt(platform.dataDir).runtime, 'node-1.package.folders.sock');
  const bound = (name: string): Promise<string> => kubectl('wait', '--for=jsonpath={.status.phase}=Bound', `pvc/${name}`, '--timeout=60s');
  const goesOn = async (): Promise<void> => {
    const [volume = ''] = (await volumeOf('first')).split(' ');
    for (const node of ['node-1', 'node-2']) {
      const textOf = (): string => readFileSync(path.join(root, volume, node), 'utf8');
      const before = await eventually(textOf);
      await eventually(() => expect([textOf() !== '', textOf() !== before]).toEqual([true, true]));
    }
  };

  async function upload(version: string): Promise<void> {
    const files = {
      'plugin.yaml': FIELDS.replace('VERSION', version),
      'objects/driver.yaml': CSI_DRIVER,
      'code/plugin.mjs': CODE.replaceAll('VERSION', version),
    };
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.join(folder, version, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, version, file), content);
    }
    await run('plugin', 'pack', version, '--key', 'maker.key');
    await stowage('plugin', 'upload', `folders-${version}.tar.gz`);
  }

  it('says before it comes what it brings, what can be set of it and what the nodes lack', async () => {
    await run('plugin', 'keygen', 'maker.key');
    await stowage('plugin', 'trust', 'add', 'maker', 'maker.key.pub');
    await upload('1.0.0');
    const shown = await eventually(() => stowage('plugin', 'show', 'folders'));
    expect(shown).toContain(`driver ${DRIVER} on every node`);
    expect(shown).toMatch(/^ {4}root +"\/nowhere" +default +Where the folders are made\.$/m);
    expect(shown).toMatch(/nodes lack:\n +folders are not allowed here: touch /);
    await expect(stowage('plugin', 'install', 'folders', '--set', `root=${root}`)).rejects.toThrow('folders are not allowed here: touch');
    expect(await onBoth()).toEqual([false, false]);
    await expect(stowage('plugin', 'configure', 'folders', '--set', 'prefix=A')).rejects.toThrow('spec.config.prefix');
  });

  it('its driver makes volumes, and pods of every node have them', async () => {
    writeFileSync(path.join(path.dirname(platform.dataDir), 'folders-allowed'), '');
    expect(await stowage('plugin', 'install', 'folders', '--set', `root=${root}`)).toBe('plugin folders 1.0.0 is installed');
    expect(await onBoth()).toEqual([true, true]);
    expect(existsSync(socket())).toBe(true);
    await apply(CLASS, claim('first'), ...PODS);
    await bound('first');
    await goesOn();
    expect(await volumeOf('first')).toMatch(/^pvc-\S+ 1\.0\.0$/);
  });

  it('works with other settings while pods use it, and comes back when the platform was killed', async () => {
    await stowage('plugin', 'configure', 'folders', '--set', 'prefix=late-');
    await apply(claim('second'));
    await bound('second');
    expect(await volumeOf('second')).toMatch(/^late-pvc-\S+ 1\.0\.0$/);
    await platform.end('SIGKILL');
    await platform.start();
    await eventually(async () => expect(await onBoth()).toEqual([true, true]));
    await goesOn();
  });

  it('is followed by that of the next version on every node, and what it made stays', async () => {
    await upload('1.1.0');
    await eventually(async () =>
      expect(await kubectl('get', 'moduleinfo', 'stowage-folders', '-o', 'jsonpath={.status.phase} {.status.version}')).toBe(
        'Running 1.1.0',
      ),
    );
    await apply(claim('third'));
    await bound('third');
    expect(await volumeOf('third')).toMatch(/^late-pvc-\S+ 1\.1\.0$/);
    await goesOn();
    await kubectl('delete', 'pod', 'on-node-2');
    await apply(...PODS);
    await goesOn();
  });

  it('does not go while it is used, and then from every node', async () => {
    await expect(stowage('plugin', 'uninstall', 'folders')).rejects.toThrow(`of the driver ${DRIVER}`);
    await kubectl('delete', 'pod', '--all');
    await kubectl('delete', 'pvc', '--all');
    await kubectl('delete', 'storageclass', 'folders');
    await eventually(() => expect(readdirSync(root)).toEqual([]));
    await eventually(async () => expect(await kubectl('get', 'pv', '-o', 'name')).toBe(''));
    await stowage('plugin', 'uninstall', 'folders');
    expect(await onBoth()).toEqual([false, false]);
    await expect(kubectl('get', 'csidriver', DRIVER)).rejects.toThrow('not found');
    expect(existsSync(socket())).toBe(false);
  });
});
