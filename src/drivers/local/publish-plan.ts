import { PathOccupied, SingleWriterConflict, VolumeNotStaged } from './errors.ts';
import { isSamePlace, type Mount } from '#linux/mount-table.ts';

/** What is to be published and what was seen. */
export interface PublishView {
  readonly volumeId: string;
  readonly mounts: readonly Mount[];
  /** The staging directory or the device in it. */
  readonly source: string;
  readonly target: string;
  readonly access: 'ro' | 'rw';
  /** At most one target at a time (access mode SINGLE_NODE_SINGLE_WRITER). */
  readonly isExclusive: boolean;
}

/** The one step of publishing. */
export type PublishAction = 'none' | 'bind' | 'remount-read-only';

/** The step that brings a staged volume to its target. Pure. @throws VolumeNotStaged, PathOccupied, SingleWriterConflict */
export function planPublish({ volumeId, mounts, source, target, access, isExclusive }: PublishView): PublishAction {
  const staged = mounts.findLast((entry) => entry.mountPoint === source);
  if (staged === undefined) throw new VolumeNotStaged(volumeId, source);
  const others = mounts.filter((entry) => isSamePlace(entry, staged) && entry.mountPoint !== source && entry.mountPoint !== target);
  if (isExclusive && others[0] !== undefined) throw new SingleWriterConflict(volumeId, others[0].mountPoint);
  const found = mounts.findLast((entry) => entry.mountPoint === target);
  if (found === undefined) return 'bind';
  if (!isSamePlace(found, staged))
    throw new PathOccupied(target, `${found.source} is mounted there and is not volume ${volumeId}; unmount it`);
  if (found.isReadOnly === (access === 'ro')) return 'none';
  // why: mount(8) binds and then makes read-only; a crash between the two leaves a writable bind, which is finished here
  if (access === 'ro') return 'remount-read-only';
  throw new PathOccupied(target, `volume ${volumeId} is published there read-only and is now asked for writable; unpublish it first`);
}
