import type { Logger } from '#kit/log.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Host, LoopDevice } from './host.ts';
import { isInside, type MountEntry } from './mount-table.ts';
import type { Tools } from './tools.ts';
import type { DamagedVolume, VolumeStore } from './volume-store.ts';

/** What the driver found and did at its start. */
export interface RecoveryReport {
  readonly volumes: number;
  /** Paths of half-made and half-deleted things that were removed. */
  readonly removed: readonly string[];
  /** Loop devices that were attached to an image of the pool and mounted nowhere. */
  readonly detached: readonly string[];
  /** Ids of volumes whose expansion was finished. */
  readonly grown: readonly string[];
  /** Left as they are, for a person. */
  readonly damaged: readonly DamagedVolume[];
}

/** What recovery needs of the driver. */
export interface RecoveryOptions {
  readonly store: VolumeStore;
  readonly host: Host;
  readonly tools: Tools;
  readonly log: Logger;
}

/**
 * Finishes or removes what an earlier life of the driver left half-done. Idempotent; touches nothing that is mounted, and no image that has its record.
 * What is staged stays staged: pods outlive the platform.
 */
export async function recoverPool(options: RecoveryOptions): Promise<RecoveryReport> {
  const { store, log } = options;
  // why: devices first, so that the images of half-deleted volumes free their blocks when they are removed
  const detached = await detachStrays(options);
  const loaded = await store.load();
  const damaged = [...loaded.damaged];
  const grown: string[] = [];
  for (const record of store.list()) {
    try {
      if (await store.ensureImageSize(record)) grown.push(record.id);
    } catch (thrown) {
      damaged.push({ volumeId: record.id, problem: PlatformError.from(thrown).message });
    }
  }
  for (const { volumeId, problem } of damaged) log.error('volume is damaged', { volumeId, reason: 'VolumeDamaged', err: problem });
  log.info('pool recovered', { count: loaded.volumes });
  return { volumes: loaded.volumes, removed: loaded.removed, detached, grown, damaged };
}

async function detachStrays({ store, host, tools }: RecoveryOptions): Promise<readonly string[]> {
  const mounts = await host.mounts();
  const strays = (await host.loops()).filter((loop) => isInside(loop.image, store.volumesDir) && !isUsed(loop, mounts));
  for (const stray of strays) await tools.detach(stray.path);
  return strays.map((stray) => stray.path);
}

/** Mounted as a filesystem, or bound somewhere as a device node. */
export function isUsed(loop: LoopDevice, mounts: readonly MountEntry[]): boolean {
  const node = loop.path.slice('/dev'.length);
  return mounts.some((entry) => entry.device === loop.device || (entry.root === node && entry.fsType === 'devtmpfs'));
}
