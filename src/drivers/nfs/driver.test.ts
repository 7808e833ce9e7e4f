import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandFailed, type Exec, SystemExec } from '#kit/exec.ts';
import type { Mount } from '#linux/mount-table.ts';
import { Mounter } from '#linux/mounter.ts';
import { createNfsDriver, type NfsDriver } from './driver.ts';
import type { NfsSettings } from './settings.ts';

let [root, settings]: [string, NfsSettings] = ['', { mountOptions: [], mountTimeoutSec: 45, mountPermissions: '0', onDelete: 'delete' }];
let mounts: Map<string, string>;
let mountCommands: string[];
let fault: string;
let driver: NfsDriver;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'stowage-nfs-driver-'));
  mkdirSync(path.join(root, 'server', 'data'), { recursive: true });
  [mounts, mountCommands, fault] = [new Map(), [], ''];
  settings = { mountOptions: [], mountTimeoutSec: 45, mountPermissions: '0', onDelete: 'delete' };
  driver = createNfsDriver({
    nodeName: 'node-1',
    version: '1.0.0',
    workDir: path.join(root, 'work'),
    exec,
    mounter: new LinkMounter(exec),
    settings: () => settings,
  });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A server whose exports are directories of this machine: what is mounted is a link to one. All other programs run. */
const exec: Exec = {
  async run(argv, options) {
    const words = argv[0] === 'timeout' ? argv.slice(3) : argv;
    const target = words.at(-1) ?? '';
    if (words[0] === 'mount') {
      mountCommands.push(words.slice(0, -1).join(' '));
      if (fault !== '') throw new CommandFailed(argv, { stdout: '', stderr: fault, exitCode: 32 });
      rmSync(target, { recursive: true });
      symlinkSync(path.join(root, 'server', (words.at(-2) ?? '').split(':')[1] ?? ''), target);
      mounts.set(target, words.at(-2) ?? '');
      return { stdout: '', stderr: '', exitCode: 0 };
    }
    if (words[0] === 'umount') {
      unlinkSync(target);
      mkdirSync(target);
      mounts.delete(target);
      return { stdout: '', stderr: '', exitCode: 0 };
    }
    return new SystemExec().run(argv, options);
  },
};

class LinkMounter extends Mounter {
  override async table(): Promise<readonly Mount[]> {
    return [...mounts].map(([mountPoint, source]) => ({
      device: '0:1',
      root: '/',
      mountPoint,
      isReadOnly: false,
      refusesWrites: false,
      fsType: 'nfs4',
      source,
      superOptions: '',
      propagation: 'private',
    }));
  }
}

const onServer = (...names: readonly string[]): string => path.join(root, 'server', 'data', ...names);
const capability = (mountFlags: string[] = []) => ({
  mount: { fsType: '', mountFlags },
  accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' as const },
});
const create = async (parameters: Record<string, string> = {}, mountFlags: string[] = []) => {
  const request = {
    name: 'pvc-1',
    parameters: { server: 'nfs', share: '/data', ...parameters },
    volumeCapabilities: [capability(mountFlags)],
  };
  return (await driver.controller.createVolume(request, {})).volume;
};
const publish = (volumeId: string, more: object = {}) =>
  driver.node.nodePublishVolume(
    { volumeId, targetPath: path.join(root, 'target'), volumeCapability: capability(['nfsvers=4.1']), ...more },
    {},
  );

it('CLASS-4: a volume is a directory on the server, made once, with the options of plugin and class', async () => {
  settings = { ...settings, mountOptions: ['nolock'], mountTimeoutSec: 7 };
  const volume = await create({ mountPermissions: '0777' }, ['nfsvers=4.1']);
  expect(volume).toMatchObject({
    volumeId: 'nfs#data#pvc-1#pvc-1#delete',
    volumeContext: { server: 'nfs', share: '/data', subdir: 'pvc-1' },
  });
  expect(mountCommands).toEqual(['mount -t nfs -o nolock,nfsvers=4.1 -- nfs:/data']);
  expect((statSync(onServer('pvc-1')).mode & 0o777).toString(8)).toBe('777');
  writeFileSync(onServer('pvc-1', 'kept'), 'x');
  expect(await create()).toMatchObject({ volumeId: volume?.volumeId });
  expect(readdirSync(onServer('pvc-1'))).toEqual(['kept']);
  expect([...mounts]).toEqual([]);
});

it.each([
  { onDelete: 'delete', left: [] },
  { onDelete: 'retain', left: ['pvc-1'] },
  { onDelete: 'archive', left: ['archived-pvc-1'] },
] as const)('CLASS-7: a volume that is deleted with onDelete $onDelete leaves $left, however often', async ({ onDelete, left }) => {
  settings = { ...settings, onDelete };
  const volumeId = (await create())?.volumeId ?? '';
  writeFileSync(onServer('pvc-1', 'data'), 'x');
  await driver.controller.deleteVolume({ volumeId }, {});
  await driver.controller.deleteVolume({ volumeId }, {});
  expect(readdirSync(onServer())).toEqual(left);
  expect([...mounts]).toEqual([]);
});

it('CLASS-4: a server that can not be mounted says why, and nothing is left here', async () => {
  fault = 'mount.nfs: access denied by server while mounting nfs:/data';
  await expect(create()).rejects.toMatchObject({
    reason: 'NfsMountFailed',
    code: 'Unavailable',
    message: expect.stringMatching(/access denied.*export \/data to this node/),
  });
  expect([...mounts]).toEqual([]);
});

it('CLASS-4: what a killed process left mounted is used and let go of', async () => {
  const volumeId = (await create())?.volumeId ?? '';
  const [work = ''] = readdirSync(path.join(root, 'work'));
  const target = path.join(root, 'work', work);
  await exec.run(['mount', '--', 'nfs:/data', target]);
  await create();
  expect([...mounts]).toEqual([]);
  await exec.run(['mount', '--', 'nfs:/data', target]);
  await driver.release();
  expect([[...mounts], existsSync(path.join(root, 'work')), existsSync(onServer('pvc-1'))]).toEqual([[], false, true]);
  expect(volumeId).not.toBe('');
});

it('CLASS-4: each pod has a mount of its own, once, which goes with it', async () => {
  const volumeId = (await create())?.volumeId ?? '';
  mountCommands = [];
  await publish(volumeId);
  await publish(volumeId);
  expect(mountCommands).toEqual(['mount -t nfs -o nfsvers=4.1 -- nfs:/data/pvc-1']);
  expect(
    (await driver.node.nodeGetVolumeStats({ volumeId, volumePath: path.join(root, 'target') }, {})).usage?.map(({ unit }) => unit),
  ).toEqual(['BYTES', 'INODES']);
  for (let time = 0; time < 2; time += 1) await driver.node.nodeUnpublishVolume({ volumeId, targetPath: path.join(root, 'target') }, {});
  expect([[...mounts], existsSync(path.join(root, 'target'))]).toEqual([[], false]);
  await expect(driver.node.nodeGetVolumeStats({ volumeId, volumePath: path.join(root, 'target') }, {})).rejects.toMatchObject({
    code: 'NotFound',
  });
});

it.each([
  {
    name: 'a volume by hand, with its attributes',
    volumeId: 'mine',
    volumeContext: { server: 'nfs', share: '/data' },
    source: 'nfs:/data',
  },
  {
    name: 'attributes before the id',
    volumeId: 'nfs#other#x#x#',
    volumeContext: { server: 'nfs', share: '/data', subDir: 'a' },
    source: 'nfs:/data/a',
  },
  { name: 'the id alone', volumeId: 'nfs#data#x#x#', volumeContext: {}, source: 'nfs:/data/x' },
])('CLASS-4: the place of a volume: $name', async ({ volumeId, volumeContext, source }) => {
  await publish(volumeId, { volumeContext, readonly: true });
  expect(mountCommands).toEqual([`mount -t nfs -o nfsvers=4.1,ro -- ${source}`]);
});

it('CLASS-4: what can not be is refused with the remedy', async () => {
  await expect(publish('mine')).rejects.toThrow('volume_context: server and share are required');
  const block = { block: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' as const } };
  await expect(driver.controller.createVolume({ name: 'a', volumeCapabilities: [block] }, {})).rejects.toThrow('use volumeMode Filesystem');
  await expect(publish('nfs#data#x#x#', { volumeCapability: block })).rejects.toThrow('use volumeMode Filesystem');
  const source = { volumeContentSource: { volume: { volumeId: 'x' } }, name: 'a', volumeCapabilities: [capability()] };
  await expect(driver.controller.createVolume(source, {})).rejects.toThrow('empty volumes only');
});
