import { VolumeInUse } from './errors.ts';
import type { CopyPair, Sharing } from '#linux/freeze-command.ts';
import type { VolumeType } from './volume-record.ts';
import type { VolumeUse } from './volume-use.ts';

/** Something that is to be copied, and who uses it. */
export interface CopySource {
  readonly volumeId: string;
  readonly type: VolumeType;
  /** Absent for a snapshot, which nobody ever uses, and for a volume that is not staged. */
  readonly use?: VolumeUse | undefined;
}

/** What keeps a source still while it is copied. */
export interface CopyPlan {
  /** The filesystem to freeze. */
  readonly freezeAt?: string;
  /** The device whose writes are to reach the image first. */
  readonly flush?: string;
}

/** A copy with what it needs. */
export interface CopyJob extends CopyPair {
  readonly type: VolumeType;
  readonly plan: CopyPlan;
}

/**
 * How a source is copied so that the copy is at least what a power cut would have left. Pure.
 * @throws VolumeInUse where that cannot be had while the volume is in use
 */
export function planCopy({ volumeId, type, use }: CopySource, sharing: Sharing): CopyPlan {
  if (use === undefined) return {};
  if (type === 'directory')
    throw new VolumeInUse(
      volumeId,
      `${use.words}; the files of a volume of type directory cannot be held still together: stop the pods that use it, or use a class with the parameter type: file`,
    );
  if (use.mountPoint !== undefined) return { freezeAt: use.mountPoint };
  // why: sharing blocks takes the image as it is at one moment, copying its bytes would mix many
  if (sharing === 'shared') return use.device === undefined ? {} : { flush: use.device };
  throw new VolumeInUse(
    volumeId,
    `${use.words}; this pool copies byte by byte, which takes a raw device that nobody writes to: stop the pods that use it`,
  );
}
