import { FilesystemMismatch, PathOccupied, VolumeInUse } from './errors.ts';
import { MIN_XFS_BYTES } from './create-request.ts';
import type { LoopDevice } from '#linux/host.ts';
import { isSamePlace, type Mount, type Place } from '#linux/mount-table.ts';
import type { Superblock } from '#linux/superblock.ts';
import type { MadeFilesystem } from '#linux/tools.ts';

/** What an image looks like from outside. */
export interface ImageView {
  readonly sizeBytes: bigint;
  /** No block was ever written: the one sign that makes formatting safe. */
  readonly isBlank: boolean;
  readonly superblock: Superblock | undefined;
}

/** One step of staging; each is safe to repeat. */
export type StageAction =
  | { readonly type: 'format'; readonly fsType: MadeFilesystem }
  | { readonly type: 'check-ext4' }
  | { readonly type: 'grow-ext4' }
  | { readonly type: 'mount-image'; readonly fsType: string }
  | { readonly type: 'mount-device'; readonly device: string; readonly fsType: string }
  | { readonly type: 'grow-xfs' }
  | { readonly type: 'attach-and-bind' }
  | { readonly type: 'bind-device'; readonly device: string }
  | { readonly type: 'bind-directory' };

/** What a filesystem volume is and what was seen of it. */
export interface FilesystemStage {
  readonly volumeId: string;
  /** Asked for by the call or at creation; absent = the preferred one, or what is there. */
  readonly fsType: string | undefined;
  /** What is made where nothing is asked for and the image is large enough for it. */
  readonly preferred: MadeFilesystem;
  readonly image: ImageView;
  readonly stagingPath: string;
  readonly staged: Mount | undefined;
  readonly loop: LoopDevice | undefined;
}

/** A smaller difference between filesystem and image is rounding, not growth to come. */
const GROWTH_BYTES = 1n << 20n;

/** Steps that bring a file volume to its staging path as a filesystem. Pure. @throws PathOccupied, FilesystemMismatch, VolumeInUse */
export function planFilesystemStage(stage: FilesystemStage): readonly StageAction[] {
  const { loop, staged, volumeId, image, stagingPath } = stage;
  if (staged !== undefined) {
    if (loop !== undefined && staged.device === loop.device) return [];
    throw new PathOccupied(stagingPath, `${staged.source} is mounted there and is not volume ${volumeId}; unmount it`);
  }
  const found = existingFilesystem(stage);
  if (loop !== undefined) {
    // why: the device may be mounted where we cannot see it (a pod's namespace); the same device gives the same filesystem, a second one would corrupt it
    if (found === undefined) throw new VolumeInUse(volumeId, `${loop.path} is attached to its unformatted image`);
    return [{ type: 'mount-device', device: loop.path, fsType: found.fsType }];
  }
  if (found === undefined) {
    const fsType = chooseFilesystem(stage);
    return [
      { type: 'format', fsType },
      { type: 'mount-image', fsType },
    ];
  }
  const mount: StageAction = { type: 'mount-image', fsType: found.fsType };
  // why: the kernel mounts a filesystem with errors, and writes to it; growing checks it anyway
  if (image.sizeBytes - found.sizeBytes < GROWTH_BYTES) return found.hasErrors === true ? [{ type: 'check-ext4' }, mount] : [mount];
  if (found.fsType === 'ext4') return [{ type: 'grow-ext4' }, mount];
  return found.fsType === 'xfs' ? [mount, { type: 'grow-xfs' }] : [mount];
}

/** XFS has no volumes below its least size; a small volume gets ext4 then. */
function chooseFilesystem({ fsType, preferred, image }: FilesystemStage): MadeFilesystem {
  if (fsType !== undefined) return fsType === 'xfs' ? 'xfs' : 'ext4';
  return preferred === 'xfs' && image.sizeBytes >= MIN_XFS_BYTES ? 'xfs' : 'ext4';
}

/** What a block volume is and what was seen of it. */
export interface BlockStage {
  readonly volumeId: string;
  readonly devicePath: string;
  /** Minor number of the loop device bound at `devicePath`. */
  readonly bound: Mount | undefined;
  readonly loop: LoopDevice | undefined;
  /** A filesystem mount of that loop device. */
  readonly mountedAt: string | undefined;
}

/** Steps that bring a file volume's device to `devicePath`. Pure. @throws PathOccupied, VolumeInUse */
export function planBlockStage({ volumeId, devicePath, bound, loop, mountedAt }: BlockStage): readonly StageAction[] {
  if (bound !== undefined) {
    // why: the root of a bind mount of a device node is the node's path in devtmpfs
    if (loop !== undefined && bound.root === loop.path.slice('/dev'.length)) return [];
    throw new PathOccupied(devicePath, `${bound.root} is mounted there and is not volume ${volumeId}; unmount it`);
  }
  if (mountedAt !== undefined) throw new VolumeInUse(volumeId, `it is mounted as a filesystem at ${mountedAt}`);
  return [loop === undefined ? { type: 'attach-and-bind' } : { type: 'bind-device', device: loop.path }];
}

/** Steps that bring a directory volume to its staging path. Pure. @throws PathOccupied */
export function planDirectoryStage(stage: {
  readonly volumeId: string;
  readonly stagingPath: string;
  readonly staged: Mount | undefined;
  readonly data: Place | undefined;
}): readonly StageAction[] {
  const { staged, data } = stage;
  if (staged === undefined) return [{ type: 'bind-directory' }];
  if (data !== undefined && isSamePlace(staged, data)) return [];
  throw new PathOccupied(stage.stagingPath, `${staged.source} is mounted there and is not volume ${stage.volumeId}; unmount it`);
}

function existingFilesystem({ volumeId, fsType, image }: FilesystemStage): Superblock | undefined {
  const { superblock, isBlank } = image;
  if (superblock !== undefined) {
    if (fsType !== undefined && fsType !== superblock.fsType) {
      throw new FilesystemMismatch(
        volumeId,
        `${fsType} is asked for and ${superblock.fsType} is on it; ask for ${superblock.fsType}, it is never formatted again`,
      );
    }
    return superblock;
  }
  if (isBlank) return undefined;
  throw new FilesystemMismatch(
    volumeId,
    'it holds data that is no known filesystem (was it used with volumeMode Block?); it is never formatted over',
  );
}
