import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { PlatformError } from '#kit/errors.ts';
import { FREEZER } from '#linux/freeze-command.ts';
import type { Host, LoopDevice } from '#linux/host.ts';
import { isInside, type Mount } from '#linux/mount-table.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { Tools } from '#linux/tools.ts';
import { CREATING, type DamagedVolume, isErrno, type VolumeStore } from './volume-store.ts';

/** What the driver found and did at its start. */
export interface RecoveryReport {
  readonly volumes: number;
  readonly snapshots: number;
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
  readonly clock: Clock;
  readonly store: VolumeStore;
  readonly snapshots: SnapshotStore;
  readonly host: Host;
  readonly tools: Tools;
  readonly log: Logger;
}

/**
 * Finishes or removes what an earlier life of the driver left half-done. Idempotent; touches nothing that is mounted, and no image that has its record.
 * What is staged stays staged: pods outlive the platform.
 */
export async function recoverPool(options: RecoveryOptions): Promise<RecoveryReport> {
  const { store, snapshots, log } = options;
  await awaitStragglers(options);
  await thawAfterCopies(options);
  // why: devices first, so that the images of half-deleted volumes free their blocks when they are removed
  const detached = await detachStrays(options);
  const loaded = await store.load();
  const kept = await snapshots.load();
  const damaged = [...loaded.damaged, ...kept.damaged];
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
  return { volumes: loaded.volumes, snapshots: kept.volumes, removed: [...loaded.removed, ...kept.removed], detached, grown, damaged };
}

/** How long a program that outlived its killed driver may take to end; one that watches over a freeze takes 9 s at most. */
const STRAGGLER_WAIT_MS = 12_000;
const STRAGGLER_POLL_MS = 10;

/**
 * SIGKILL ends the driver and not the programs that it had started. One that mounts or attaches after our look would be missed, so they are given
 * time to end; one that takes longer works on a device, where the kernel keeps others out.
 */
async function awaitStragglers({ store, host, clock, log }: RecoveryOptions): Promise<void> {
  const untilMs = clock.nowMs() + STRAGGLER_WAIT_MS;
  while ((await host.commands()).some((argv) => isStraggler(argv, store.volumesDir))) {
    if (clock.nowMs() >= untilMs) {
      log.warn('programs of an earlier start still run', { path: store.volumesDir });
      return;
    }
    await sleep(clock, STRAGGLER_POLL_MS);
  }
}

/** A running mount or umount (of anybody: whose it is cannot be told), or one of the driver's programs at work in the pool. */
export function isStraggler(argv: readonly string[], volumesDir: string): boolean {
  const program = basename(argv[0] ?? '');
  // why: a freeze that ends after our look would leave its filesystem without anybody who thaws it
  if (program === 'fsfreeze' || argv[3] === FREEZER) return true;
  if (program === 'mount' || program === 'umount') return true;
  return ['losetup', 'mkfs.ext4', 'mkfs.xfs', 'cp'].includes(program) && argv.some((argument) => isInside(argument, volumesDir));
}

/**
 * Thaws what a copy was to keep still. The program that freezes also thaws and outlives a killed driver, but not a machine that kills both. A half-made
 * thing in the pool is the mark of it: it is there before the freeze and until after the thaw.
 */
async function thawAfterCopies({ store, snapshots, host, tools }: RecoveryOptions): Promise<void> {
  const names = [...(await namesIn(store.volumesDir)), ...(await namesIn(snapshots.snapshotsDir))];
  if (!names.some((name) => name.startsWith(CREATING))) return;
  const devices = new Set((await host.loops()).filter((loop) => isInside(loop.image, store.volumesDir)).map((loop) => loop.device));
  const mountPoints = new Map(
    (await host.mounts()).filter(({ device }) => devices.has(device)).map((entry) => [entry.device, entry.mountPoint]),
  );
  for (const mountPoint of mountPoints.values()) await tools.thaw(mountPoint);
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch((thrown: unknown) => (isErrno(thrown, 'ENOENT') ? [] : Promise.reject(thrown)));
}

async function detachStrays({ store, host, tools }: RecoveryOptions): Promise<readonly string[]> {
  const mounts = await host.mounts();
  const strays = (await host.loops()).filter((loop) => isInside(loop.image, store.volumesDir) && !isUsed(loop, mounts));
  for (const stray of strays) await tools.detach(stray.path);
  return strays.map((stray) => stray.path);
}

/** Mounted as a filesystem, or bound somewhere as a device node. */
export function isUsed(loop: LoopDevice, mounts: readonly Mount[]): boolean {
  const node = loop.path.slice('/dev'.length);
  return mounts.some((entry) => entry.device === loop.device || (entry.root === node && entry.fsType === 'devtmpfs'));
}
