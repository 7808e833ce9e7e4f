import { FREEZE_LIMITS } from '#linux/freeze-command.ts';
import { PlatformError } from '#kit/errors.ts';
import { formatBytes } from '#kit/quantity.ts';

/** The size asked for cannot be made (CSI CreateVolume, "Unsupported capacity_range"). */
export class SizeRefused extends PlatformError {
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super({ code: 'OutOfRange', reason: 'SizeRefused', message, details });
  }
}

/** No volume has this id. */
export class VolumeNotFound extends PlatformError {
  constructor(volumeId: string) {
    super({ code: 'NotFound', reason: 'VolumeNotFound', message: `volume ${volumeId} does not exist in this pool`, details: { volumeId } });
  }
}

/** No snapshot has this id. */
export class SnapshotNotFound extends PlatformError {
  constructor(snapshotId: string) {
    super({
      code: 'NotFound',
      reason: 'SnapshotNotFound',
      message: `snapshot ${snapshotId} does not exist in this pool`,
      details: { snapshotId },
    });
  }
}

/** No group of snapshots has this id. */
export class GroupSnapshotNotFound extends PlatformError {
  constructor(groupId: string) {
    super({
      code: 'NotFound',
      reason: 'GroupSnapshotNotFound',
      message: `group snapshot ${groupId} does not exist in this pool`,
      details: { groupId },
    });
  }
}

/** A snapshot of this name exists and is not what was asked for. */
export class SnapshotIncompatible extends PlatformError {
  constructor(name: string, difference: string) {
    super({
      code: 'AlreadyExists',
      reason: 'SnapshotIncompatible',
      message: `a snapshot named ${name} exists ${difference}; delete it or ask under another name`,
      details: { name },
    });
  }
}

/** A snapshot that came with a group goes with it (CSI 1.13 "DeleteSnapshot": FAILED_PRECONDITION). */
export class SnapshotInGroup extends PlatformError {
  constructor(snapshotId: string, groupId: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'SnapshotInGroup',
      message: `snapshot ${snapshotId} is part of the group snapshot ${groupId}; delete the group snapshot`,
      details: { snapshotId, groupId },
    });
  }
}

/** A volume of this name exists and is not what was asked for. */
export class VolumeIncompatible extends PlatformError {
  constructor(name: string, difference: string) {
    super({
      code: 'AlreadyExists',
      reason: 'VolumeIncompatible',
      message: `a volume named ${name} exists with ${difference}; delete it or ask under another name`,
      details: { name },
    });
  }
}

/** The volumes' sizes would add up to more than the pool can hold. */
export class PoolFull extends PlatformError {
  constructor(needBytes: bigint, freeBytes: bigint, capacityBytes: bigint) {
    super({
      code: 'ResourceExhausted',
      reason: 'PoolFull',
      message: `the pool has ${formatBytes(freeBytes)} free of ${formatBytes(capacityBytes)} and ${formatBytes(needBytes)} more is needed; delete volumes or ask for less`,
      details: { needBytes: String(needBytes), freeBytes: String(freeBytes), capacityBytes: String(capacityBytes) },
    });
  }
}

/** The request wants the volume in a place that this driver does not serve. */
export class TopologyUnreachable extends PlatformError {
  constructor(nodeName: string) {
    super({
      code: 'ResourceExhausted',
      reason: 'TopologyUnreachable',
      message: `this pool serves node ${nodeName} only and the request wants the volume elsewhere`,
      details: { nodeName },
    });
  }
}

/** Something still uses the volume. Passes when it lets go. */
export class VolumeInUse extends PlatformError {
  constructor(volumeId: string, by: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'VolumeInUse',
      message: `volume ${volumeId} is in use: ${by}`,
      details: { volumeId },
      retry: 'backoff',
    });
  }
}

/** A copy of file systems that are frozen for it took longer than they may be. Nothing is copied, and writes go on. */
export class FrozenTooLong extends PlatformError {
  constructor(cause: unknown) {
    super({
      code: 'FailedPrecondition',
      reason: 'FrozenTooLong',
      message: `copying took longer than ${FREEZE_LIMITS.runSec} s, the longest that a file system is held still for it: nothing was copied, and writes go on. Stop the pods that use the volumes and it takes as long as it needs; a pool on XFS or Btrfs shares blocks and copies at once`,
      cause,
      retry: 'backoff',
    });
  }
}

/** A path of a request at which there is nothing of the volume. */
export class VolumePathNotFound extends PlatformError {
  constructor(volumeId: string, path: string) {
    super({
      code: 'NotFound',
      reason: 'VolumePathNotFound',
      message: `volume ${volumeId} is not mounted at ${path}`,
      details: { volumeId, path },
    });
  }
}

/** The call needs an earlier one, which did not happen. */
export class VolumeNotStaged extends PlatformError {
  constructor(volumeId: string, path: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'VolumeNotStaged',
      message: `volume ${volumeId} is not staged at ${path}; NodeStageVolume comes first`,
      details: { volumeId, path },
    });
  }
}

/** A volume for one writer is already published elsewhere. */
export class SingleWriterConflict extends PlatformError {
  constructor(volumeId: string, target: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'SingleWriterConflict',
      message: `volume ${volumeId} may have one user (ReadWriteOncePod) and is published at ${target}; wait until that pod is gone`,
      details: { volumeId, target },
      retry: 'backoff',
    });
  }
}

/** Something else is at the path. */
export class PathOccupied extends PlatformError {
  constructor(path: string, what: string) {
    super({ code: 'AlreadyExists', reason: 'PathOccupied', message: `${path}: ${what}`, details: { path } });
  }
}

/** The volume's data is not what its class or its owner says; nothing was changed. */
export class FilesystemMismatch extends PlatformError {
  constructor(volumeId: string, problem: string) {
    super({ code: 'FailedPrecondition', reason: 'FilesystemMismatch', message: `volume ${volumeId}: ${problem}`, details: { volumeId } });
  }
}

/** The volume's files are gone or broken. */
export class VolumeDamaged extends PlatformError {
  constructor(volumeId: string, problem: string) {
    super({
      code: 'DataLoss',
      reason: 'VolumeDamaged',
      message: `volume ${volumeId}: ${problem}; restore it from a copy, or delete it`,
      details: { volumeId },
    });
  }
}

/** The volume has grown, its filesystem grows when it is mounted next: this kernel does not let us grow it mounted. */
export class GrowthNeedsRemount extends PlatformError {
  constructor(volumeId: string, cause: unknown) {
    super({
      code: 'FailedPrecondition',
      reason: 'GrowthNeedsRemount',
      message: `volume ${volumeId}: this kernel refuses to grow a mounted ext4 (CAP_SYS_RESOURCE is missing); the filesystem grows by itself when the pods that use the volume have stopped and one starts again`,
      details: { volumeId },
      cause,
      retry: 'backoff',
    });
  }
}

/** The operation mounts, and this process may not. */
export class RootRequired extends PlatformError {
  constructor(what: string, missing: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'RootRequired',
      message: `${what} needs root: ${missing}; start the platform as root`,
      details: { missing },
    });
  }
}

/** The directory cannot hold a pool. */
export class PoolUnavailable extends PlatformError {
  constructor(dir: string, problem: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'PoolUnavailable', message: `pool ${dir}: ${problem}`, details: { dir }, cause });
  }
}

/** The pool that volumes lie in is not where it was: nothing is made in its place. Passes when it is back. */
export class PoolMissing extends PlatformError {
  constructor(dir: string, problem: string) {
    // why Unavailable: nobody may take a volume for gone that waits for its pool
    super({ code: 'Unavailable', reason: 'PoolUnavailable', message: `pool ${dir}: ${problem}`, details: { dir }, retry: 'backoff' });
  }
}

/** The driver has not looked at its pool yet. */
export class DriverNotReady extends PlatformError {
  constructor() {
    super({
      code: 'Unavailable',
      reason: 'DriverNotReady',
      message: 'the driver is still looking at its pool after its start; try again in a moment',
    });
  }
}
