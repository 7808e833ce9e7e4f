import { readdir } from 'node:fs/promises';
import type { Host } from '#linux/host.ts';
import { isInside, placeOf } from '#linux/mount-table.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { VolumeStore } from './volume-store.ts';

/** Everything of the driver that exists outside of it, found by looking. */
export interface Inventory {
  /** Ids of the whole volumes in the pool. */
  readonly volumes: readonly string[];
  /** Ids of the whole sets of snapshots in the pool. */
  readonly snapshots: readonly string[];
  /** Names in the pool that are no whole volume and no whole set of snapshots. */
  readonly unfinished: readonly string[];
  readonly loops: readonly { readonly device: string; readonly image: string; readonly isImageDeleted: boolean }[];
  /** Mounts of volumes: staged and published ones, as far as this mount namespace shows them. */
  readonly mounts: readonly { readonly mountPoint: string; readonly source: string }[];
}

/** Where {@link takeInventory} looks. */
export interface InventoryOptions {
  readonly store: VolumeStore;
  readonly snapshots: SnapshotStore;
  readonly host: Host;
}

/** Looks at the pool, the loop devices and the mounts; changes nothing and trusts no memory. */
export async function takeInventory({ store, snapshots, host }: InventoryOptions): Promise<Inventory> {
  const sets = (await readdir(snapshots.snapshotsDir)).sort();
  const names = (await readdir(store.volumesDir)).sort();
  const loops = (await host.loops()).filter((loop) => isInside(loop.image, store.volumesDir));
  const devices = new Set(loops.map((loop) => loop.device));
  const nodes = new Set(loops.map((loop) => loop.path.slice('/dev'.length)));
  const all = await host.mounts();
  const pool = placeOf(all, store.volumesDir);
  const mounts = all.filter(
    (entry) =>
      devices.has(entry.device) ||
      (entry.fsType === 'devtmpfs' && nodes.has(entry.root)) ||
      (pool !== undefined && entry.device === pool.device && entry.root !== pool.root && isInside(entry.root, pool.root)),
  );
  return {
    volumes: names.filter((name) => !name.startsWith('.')),
    snapshots: sets.filter((name) => !name.startsWith('.')),
    unfinished: [...names, ...sets].filter((name) => name.startsWith('.')),
    loops: loops.map(({ path, image, isImageDeleted }) => ({ device: path, image, isImageDeleted })),
    mounts: mounts.map(({ mountPoint, source }) => ({ mountPoint, source })),
  };
}
