import type { Host } from '#linux/host.ts';
import { isInside, placeOf } from '#linux/mount-table.ts';
import type { VolumeRecord } from './volume-record.ts';
import type { VolumeStore } from './volume-store.ts';

/** Who has a volume at this moment. */
export interface VolumeUse {
  /** The loop device of its image. */
  readonly device?: string | undefined;
  /** Where its own filesystem is mounted, as far as this mount namespace shows it. */
  readonly mountPoint?: string | undefined;
  /** For people. */
  readonly words: string;
}

/** Looks at the machine; undefined where nobody has the volume. */
export async function observeUse(
  record: Pick<VolumeRecord, 'id' | 'type'>,
  at: { readonly store: VolumeStore; readonly host: Host },
): Promise<VolumeUse | undefined> {
  return record.type === 'file' ? imageUse(at.store.imageOf(record.id), at.host) : dataUse(at.store.dataOf(record.id), at.host);
}

async function imageUse(image: string, host: Host): Promise<VolumeUse | undefined> {
  const loop = (await host.loops()).find((candidate) => candidate.image === image);
  if (loop === undefined) return undefined;
  const mount = (await host.mounts()).find((entry) => entry.device === loop.device);
  return {
    device: loop.path,
    mountPoint: mount?.mountPoint,
    words: `${loop.path} is attached to it${mount === undefined ? '' : ` and mounted at ${mount.mountPoint}`}`,
  };
}

async function dataUse(data: string, host: Host): Promise<VolumeUse | undefined> {
  const mounts = await host.mounts();
  const place = placeOf(mounts, data);
  // why: a mount of the data would lose it, and a mount inside the data would be emptied with it
  const user = mounts.find(
    (entry) =>
      isInside(entry.mountPoint, data) || (place !== undefined && entry.device === place.device && isInside(entry.root, place.root)),
  );
  return user === undefined ? undefined : { words: `it is mounted at ${user.mountPoint}` };
}
