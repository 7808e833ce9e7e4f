import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nfsPreflight } from '#apps/server/modules/nfs/preflight.ts';
import { createNfsDriver } from '#drivers/nfs/driver.ts';
import type { NfsSettings } from '#drivers/nfs/settings.ts';
import type { Exec } from '#kit/exec.ts';
import type { NfsShare } from '#linux/nfs-mount.ts';
import { prepareNfs } from '#node/volumes/nfs.ts';
import { GuestExec, GuestMounter } from '#testing/guest/guest-exec.ts';
import { Guest, GuestCommandFailed } from '#testing/guest/guest.ts';
import { describeWith } from '#testing/requirements.ts';

const FOLDER = path.join(import.meta.dirname, '..', 'guest');
/** A user of the group that may write to the share, one who is not, and root, whom the server takes for nobody. */
const MEMBER = 'setpriv --reuid 1000 --regid 1000 --groups 2000';
const STRANGER = 'setpriv --reuid 1000 --regid 1000 --clear-groups';
const NFS_MOUNTS = 'grep -c " nfs4\\? " /proc/mounts || true';

/** The driver makes its directories on this machine, and the guest does not see those that came later. */
function makingTargets(guest: Guest): Exec {
  const exec = new GuestExec(guest);
  return {
    run: async (argv, options) => {
      if (argv.includes('-t') && argv.includes('mount')) await guest.run(`mkdir -p ${argv.at(-1)}`);
      return exec.run(argv, options);
    },
  };
}

describeWith(['root', 'guest'], 'VOL-2: NFS volumes, on a kernel that has an NFS client', () => {
  // why here too: the node makes the directory, and the guest sees this machine's folders, though not those that came later
  const targets = mkdtempSync(path.join(tmpdir(), 'stowage-nfs-'));
  let guest: Guest;
  let mounter: GuestMounter;
  beforeAll(async () => {
    guest = await Guest.start({ memoryMiB: 512 });
    mounter = new GuestMounter(guest);
    // why its text: the guest has a /tmp of its own, and the checkout may lie in this machine's
    await guest.run(readFileSync(path.join(FOLDER, 'serve-nfs.sh'), 'utf8'));
  });
  afterAll(async () => {
    await guest.stop();
    rmSync(targets, { recursive: true, force: true });
  });

  const shareOf = (mountOptions: readonly string[], over: Partial<NfsShare> = {}): NfsShare => ({
    server: '127.0.0.1',
    path: '/team',
    isReadOnly: false,
    mountOptions,
    ...over,
  });
  /** Has the node's own code make the volume ready in the guest; answers where. */
  async function mount(name: string, share: NfsShare): Promise<string> {
    const target = path.join(targets, name);
    await guest.run(`mkdir -p ${target}`);
    expect(await prepareNfs({ exec: new GuestExec(guest), mounter }, share, target)).toMatchObject({
      hostPath: target,
      takesFsGroup: false,
    });
    return target;
  }
  const refused = async (script: string): Promise<string> => {
    try {
      return `not refused: ${await guest.run(script)}`;
    } catch (error) {
      if (error instanceof GuestCommandFailed) return error.said;
      throw error;
    }
  };

  it.each([
    { version: '3', exported: '/export/team' },
    { version: '4.0', exported: '/team' },
    { version: '4.1', exported: '/team' },
  ])('version $version: shared by all who mount it, and VOL-13: groups grant access, owners stay', async ({ version, exported }) => {
    const share = shareOf([`nfsvers=${version}`], { path: exported });
    const [one, two] = [await mount('one', share), await mount('two', share)];
    expect(await guest.run(`grep " ${one} " /proc/mounts`)).toContain(`vers=${version}`);
    await guest.run(`${MEMBER} sh -c 'echo ${version} > ${one}/shared/file'`);
    expect(await guest.run(`${MEMBER} cat ${two}/shared/file`)).toBe(`${version}\n`);
    expect(await refused(`${STRANGER} sh -c 'echo x > ${one}/shared/other'`)).toMatch(/Permission denied/);
    expect(await refused(`echo x > ${one}/by-root`)).toMatch(/Permission denied/);
    expect(await guest.run('stat -c "%u:%g %a" /data/team /data/team/shared')).toBe('0:0 755\n0:2000 2770\n');
    await mounter.unmountBelow(targets);
    expect(await guest.run(NFS_MOUNTS)).toBe('0\n');
  });

  it('read-only volumes refuse writes', async () => {
    const target = await mount('fixed', shareOf(['nfsvers=4.1'], { path: '/open', isReadOnly: true }));
    expect(await refused(`echo x > ${target}/file`)).toMatch(/Read-only file system/);
    await mounter.unmountBelow(targets);
  });

  it.each([
    {
      what: 'a share that the server does not export',
      share: shareOf(['nfsvers=4.1'], { path: '/nowhere' }),
      says: /exports no \/nowhere/,
    },
    { what: 'an option that is none', share: shareOf(['nfsvers=4.1', 'foo=bar']), says: /check the mount options/ },
    { what: 'a port where nobody listens', share: shareOf(['nfsvers=4.1', 'port=2050', 'retry=0']), says: /server's address/ },
  ])('$what is told with the remedy', async ({ share, says }) => {
    await expect(mount('refused', share)).rejects.toMatchObject({ reason: 'FailedMount', message: expect.stringMatching(says) });
  });

  it('CLASS-4, CLASS-7: the driver of the plugin nfs makes, mounts and deletes volumes on it', async () => {
    const exec = makingTargets(guest);
    expect(await nfsPreflight({ exec, read: (file) => guest.run(`cat ${file}`) })).toEqual([]);
    const settings: NfsSettings = { mountOptions: ['nfsvers=4.1'], mountTimeoutSec: 30, mountPermissions: '2777', onDelete: 'archive' };
    const workDir = path.join(targets, 'work');
    const driver = createNfsDriver({ nodeName: 'node-1', version: '1.0.0', workDir, exec, mounter, settings: () => settings });
    const volumeCapability = { mount: { mountFlags: [] }, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' as const } };
    const create = (name: string, share: string) =>
      driver.controller.createVolume({ name, parameters: { server: '127.0.0.1', share }, volumeCapabilities: [volumeCapability] }, {});
    const { volume: { volumeId = '', volumeContext = {} } = {} } = await create('pvc-1', '/open');
    expect(await guest.run('stat -c %a /data/open/pvc-1')).toBe('2777\n');
    const targetPath = path.join(targets, 'pod');
    await driver.node.nodePublishVolume({ volumeId, volumeContext, volumeCapability, targetPath }, {});
    await guest.run(`${STRANGER} sh -c 'echo mine > ${targetPath}/file'`);
    expect((await driver.node.nodeGetVolumeStats({ volumeId, volumePath: targetPath }, {})).usage?.[0]?.total).toBeGreaterThan(0n);
    await driver.node.nodeUnpublishVolume({ volumeId, targetPath }, {});
    await driver.controller.deleteVolume({ volumeId }, {});
    expect(await guest.run('cat /data/open/archived-pvc-1/file')).toBe('mine\n');
    await expect(create('pvc-2', '/team')).rejects.toMatchObject({ message: expect.stringMatching(/Permission denied.*no_root_squash/) });
    await driver.release();
    expect(await guest.run(NFS_MOUNTS)).toBe('0\n');
  });

  it('a server that goes away is told, and its volume can still be taken away', async () => {
    const share = shareOf(['nfsvers=4.1', 'timeo=10', 'retrans=1']);
    await mount('lost', share);
    await guest.run('rpc.nfsd 0');
    await expect(mount('lost', share)).rejects.toMatchObject({ reason: 'FailedMount', message: expect.stringMatching(/does not answer/) });
    await mounter.unmountBelow(targets);
    expect(await guest.run(NFS_MOUNTS)).toBe('0\n');
  });
});
