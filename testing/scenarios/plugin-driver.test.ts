import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stowageCommand } from '#apps/cli/bootstrap.mjs';
import { dataDirectoryAt } from '#apps/server/data-directory.ts';
import { nodePlaces } from '#apps/server/nodes/node-places.ts';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';
import { shell } from './run-pods.ts';

const DRIVER = 'nfs.csi.k8s.io';
const CLASS = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'shared' },
  provisioner: DRIVER,
  parameters: { server: 'nfs', share: '/data' },
  mountOptions: ['nfsvers=4.1'],
};
const CLAIM = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'files', namespace: 'default' },
  spec: { storageClassName: 'shared', accessModes: ['ReadWriteMany'], resources: { requests: { storage: '1Gi' } } },
};
/** On each node a pod that writes to the same claim. */
const PODS = ['node-1', 'node-2'].map((node) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `on-${node}`, namespace: 'default', labels: { app: 'writer' } },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'files' } }],
    containers: [
      {
        name: 'main',
        image: 'busybox',
        command: shell(`trap "exit 0" TERM; while true; do date > /data/${node}; sleep 0.2; done`),
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      },
    ],
  },
}));

/** Stands in for the NFS client and the server: an export is a folder of this machine. */
const MOUNT = (exportsDir: string): string => `#!/bin/sh
case " $* " in *" -t nfs "*) ;; *) exec /bin/mount "$@" ;; esac
for last; do source=$target; target=$last; done
exec /bin/mount --bind "${exportsDir}/\${source#*:/}" "$target"
`;

describeWith(['root', 'runc', 'busybox', 'ip', 'unzip'], 'PLUG-1, PLUG-2: a plugin that brings a driver to every node', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'stowage-plugin-driver-'));
  const exported = path.join(folder, 'exports', 'data');
  let platform: PlatformProcess;
  beforeAll(async () => {
    mkdirSync(exported, { recursive: true });
    mkdirSync(path.join(folder, 'bin'));
    writeFileSync(path.join(folder, 'bin', 'mount'), MOUNT(path.join(folder, 'exports')), { mode: 0o755 });
    write('modprobe', '#!/bin/sh\nexit 0\n');
    write('mount.nfs', '#!/bin/sh\nexit 1\n');
    platform = await PlatformProcess.start({
      flags: ['--no-demo', '--pool-size', '1Gi', '--nodes', '2'],
      programs: path.join(folder, 'bin'),
    });
  });
  afterAll(async () => {
    await platform.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (program: string, text: string): void => writeFileSync(path.join(folder, 'bin', program), text, { mode: 0o755 });
  const kubectl = (...words: readonly string[]): Promise<string> => platform.kubectl.run(words);
  const apply = (...objects: readonly object[]): Promise<string> =>
    platform.kubectl.run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const stowage = async (...words: readonly string[]): Promise<string> => {
    const { program, args, env } = stowageCommand([...words, '--data-dir', platform.dataDir]);
    const { stdout } = await promisify(execFile)(program, args, { env });
    return stdout.trim();
  };
  const driversOf = async (node: string): Promise<readonly string[]> =>
    (await kubectl('get', 'csinode', node, '-o', 'jsonpath={.spec.drivers[*].name}')).split(' ').toSorted();
  const onBoth = async (): Promise<readonly boolean[]> =>
    Promise.all(['node-1', 'node-2'].map(async (node) => (await driversOf(node)).includes(DRIVER)));
  const textOf = (node: string): string => (existsSync(volumeFile(node)) ? readFileSync(volumeFile(node), 'utf8') : '');
  const volumeFile = (node: string): string => path.join(exported, readdirSync(exported)[0] ?? '', node);
  const goesOn = async (node: string): Promise<void> => {
    const before = textOf(node);
    await eventually(async () => expect([textOf(node) !== '', textOf(node) !== before]).toEqual([true, true]));
  };

  it('says what the nodes lack, before and instead of coming, and leaves nothing', async () => {
    const missing = 'mount.nfs is missing: apt-get install nfs-common (nfs-utils on other systems)';
    const dryRun = await stowage('plugin', 'install', 'nfs', '--dry-run', '--set', 'mountTimeoutSec=20');
    expect(dryRun).toContain(`nodes lack:\n  ${missing}`);
    expect(dryRun).toMatch(/^ {2}mountTimeoutSec +20 +ModuleInfo stowage-nfs /m);
    expect(await stowage('plugin', 'show', 'nfs')).toMatch(/^ {4}driver nfs\.csi\.k8s\.io on every node$/m);
    await expect(stowage('plugin', 'install', 'nfs', '--set', 'mountTimeoutSec=20')).rejects.toThrow(missing);
    expect(await kubectl('get', 'moduleinfo', 'stowage-nfs', '-o', 'jsonpath={.status.phase} {.status.reason}')).toBe(
      'Failed PluginPreflightFailed',
    );
    expect(await onBoth()).toEqual([false, false]);
    await expect(kubectl('get', 'csidriver', DRIVER)).rejects.toThrow('not found');
  });

  it('comes to every node when they have it, with its settings, and refuses those that it does not have', async () => {
    write('mount.nfs', '#!/bin/sh\nexit 0\n');
    // why again: it comes by itself too, within 30 s
    expect(await stowage('plugin', 'install', 'nfs', '--set', 'mountTimeoutSec=30')).toMatch(/^plugin nfs \S+ is installed$/);
    expect(await onBoth()).toEqual([true, true]);
    expect(await kubectl('get', 'moduleinfo', 'stowage-nfs', '-o', 'jsonpath={.spec.config}')).toBe('{"mountTimeoutSec":30}');
    await expect(stowage('plugin', 'install', 'nfs', '--set', 'onDelete=retain')).rejects.toThrow('stowage plugin configure nfs');
    expect(await stowage('driver', 'list')).toMatch(/^nfs\.csi\.k8s\.io +node-2 +\S+ +ready +built in/m);
    await expect(stowage('plugin', 'configure', 'nfs', '--set', 'onDelete=keep')).rejects.toThrow(
      'spec.config.onDelete: Unsupported value: "keep": supported values: "delete", "retain", "archive"',
    );
    await expect(stowage('plugin', 'configure', 'nfs', '--set', 'ondelete=archive', '--dry-run')).rejects.toThrow('did you mean onDelete?');
    expect(await stowage('plugin', 'configure', 'nfs', '--set', 'onDelete=archive')).toBe(
      'plugin nfs is configured\n  onDelete: "delete" becomes "archive"',
    );
  });

  it('serves claims and pods of every node, also after its node or the platform was killed', async () => {
    await apply(CLASS, CLAIM, ...PODS);
    await goesOn('node-1');
    await goesOn('node-2');
    const { pid } = nodePlaces(dataDirectoryAt(platform.dataDir), 'node-2');
    const before = readFileSync(pid, 'utf8');
    process.kill(Number(before), 'SIGKILL');
    await eventually(async () => expect([existsSync(pid), readFileSync(pid, 'utf8') !== before]).toEqual([true, true]));
    await eventually(async () => expect(await stowage('driver', 'list')).toMatch(/^nfs\.csi\.k8s\.io +node-2 +\S+ +ready/m));
    await platform.end('SIGKILL');
    await platform.start();
    await eventually(async () => expect(await onBoth()).toEqual([true, true]));
    await kubectl('delete', 'pod', 'on-node-2');
    await apply(...PODS);
    await goesOn('node-1');
    await goesOn('node-2');
  });

  it('stays while anything asks for it, and says what', async () => {
    await expect(stowage('plugin', 'uninstall', 'nfs')).rejects.toThrow(
      /plugin "nfs" is in use by 1 persistentvolumes \(pvc-\S+\) of the driver nfs\.csi\.k8s\.io; 1 storageclasses\.storage\.k8s\.io \(shared\) of the driver/,
    );
    await goesOn('node-2');
  });

  it('goes from every node with all that it brought when nothing does', async () => {
    await kubectl('delete', 'pod', '-l', 'app=writer');
    await kubectl('delete', 'pvc', 'files');
    await eventually(async () => expect(await kubectl('get', 'pv', '-o', 'name')).toBe(''));
    expect(readdirSync(exported)).toEqual([expect.stringMatching(/^archived-pvc-/)]);
    await kubectl('delete', 'storageclass', 'shared');
    expect(await stowage('plugin', 'uninstall', 'nfs')).toBe('plugin nfs is uninstalled');
    expect(await onBoth()).toEqual([false, false]);
    expect(await driversOf('node-2')).toEqual(['local.stowage.dev']);
    await expect(kubectl('get', 'csidriver', DRIVER)).rejects.toThrow('not found');
    expect(await stowage('driver', 'list')).not.toContain(DRIVER);
    expect(readdirSync(path.join(platform.dataDir, 'nodes', 'node-2'))).not.toContain('nfs');
  });
});
