import { mkdir } from 'node:fs/promises';
import type { Exec } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { type Mounter, NETWORK_TYPES } from '#linux/mounter.ts';
import { MOUNT_TIMEOUT_MS, mountNfs, type NfsShare } from '#linux/nfs-mount.ts';
import { type PreparedVolume, preparedDirectory } from './prepared-volume.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A server that answers at all answers within this time. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Mounts the share at `target` where it is not mounted yet. Files keep their owners: access is granted by the server, to the pod's user and
 * supplemental groups, so fsGroup is not applied. @throws VolumeNotReady with the server's or the kernel's own words, and the remedy where it is known
 */
export async function prepareNfs(
  { exec, mounter }: { readonly exec: Exec; readonly mounter: Mounter },
  share: NfsShare,
  target: string,
): Promise<PreparedVolume> {
  if (!share.path.startsWith('/'))
    throw new VolumeNotReady(`nfs.path ${JSON.stringify(share.path)} must be absolute: it is a path on the server`);
  if (!(await mounter.isMountPoint(target))) {
    await mkdir(target, { recursive: true, mode: 0o700 });
    await mountNfs(exec, share, { target, timeoutMs: MOUNT_TIMEOUT_MS }).catch((thrown: unknown) => {
      throw new VolumeNotReady(PlatformError.from(thrown).message, thrown);
    });
  }
  await ensureAnswers(exec, share, target);
  return preparedDirectory(target, { isReadOnly: share.isReadOnly });
}

async function ensureAnswers(exec: Exec, share: NfsShare, target: string): Promise<void> {
  try {
    await touch(exec, target);
  } catch (thrown) {
    throw new VolumeNotReady(
      `the NFS server ${share.server} does not answer for ${share.path}: ${PlatformError.from(thrown).message}. Pods wait until it is back`,
      thrown,
    );
  }
}

/** Makes sure that whoever serves the network volume at `dir`, if it is one, answers. @throws VolumeNotReady */
export async function ensureServed({ exec, mounter }: { readonly exec: Exec; readonly mounter: Mounter }, dir: string): Promise<void> {
  const mount = (await mounter.table()).findLast(({ mountPoint }) => mountPoint === dir);
  if (mount === undefined || !NETWORK_TYPES.has(mount.fsType)) return;
  try {
    await touch(exec, dir);
  } catch (thrown) {
    const { message } = PlatformError.from(thrown);
    throw new VolumeNotReady(`${mount.source} does not answer: ${message}. Containers that use it wait until it does`, thrown);
  }
}

/** Asked in a process of its own: a server that is away holds up whoever touches its files, and must not hold up the node. */
async function touch(exec: Exec, dir: string): Promise<void> {
  await exec.run(['stat', '--file-system', '--', dir], { timeoutMs: ANSWER_TIMEOUT_MS });
}
