import { lstat, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import { describeHolders, foreignMounts } from '#linux/device-holders.ts';
import { VolumeDamaged, VolumeInUse } from './errors.ts';
import type { Host, LoopDevice } from '#linux/host.ts';
import { viewImage } from './image-view.ts';
import { type Mount, mountAt, placeOf } from '#linux/mount-table.ts';
import { planBlockStage, planDirectoryStage, planFilesystemStage, type StageAction } from './stage-plan.ts';
import type { MadeFilesystem, Tools } from '#linux/tools.ts';
import type { VolumeRecord } from './volume-record.ts';
import { FORMATTING, makeSparse, type VolumeStore } from './volume-store.ts';

/** What staging needs of the driver. */
export interface StagingOptions {
  readonly store: VolumeStore;
  readonly host: Host;
  readonly tools: Tools;
  readonly clock: Clock;
  readonly ids: Ids;
  /** The filesystem of volumes for which nobody asks for one. */
  readonly preferred: MadeFilesystem;
}

/** How a volume is to be staged. */
export interface StageWish {
  readonly record: VolumeRecord;
  readonly stagingPath: string;
  readonly kind: 'filesystem' | 'block';
  readonly fsType: string | undefined;
  readonly options: readonly string[];
  /** Only block devices are attached read-only here; filesystems are when they are published. */
  readonly access: 'ro' | 'rw';
}

/** Name of the device in the staging directory of a block volume. */
const DEVICE = 'device';
/** Mounts that may lie on top of each other at one path before the driver gives up. */
const MAX_STACKED = 8;
/** How long a device may take to let go of its image after the last unmount. */
const DETACH_WAIT_MS = 1_000;
const DETACH_POLL_MS = 20;

/** Brings volumes to their staging path and takes them away: look, plan, apply. Nothing is remembered between calls. */
export class Staging {
  readonly #options: StagingOptions;

  constructor(options: StagingOptions) {
    this.#options = options;
  }

  /** Where the volume is to be bound from: the staging directory, or the device in it. */
  static sourceIn(stagingPath: string, kind: 'filesystem' | 'block'): string {
    return kind === 'block' ? join(stagingPath, DEVICE) : stagingPath;
  }

  /** @throws PathOccupied, FilesystemMismatch, VolumeInUse, VolumeDamaged, CommandFailed */
  async stage(wish: StageWish): Promise<void> {
    await mkdir(wish.stagingPath, { recursive: true, mode: 0o750 });
    for (const action of await this.#plan(wish)) await this.#apply(action, wish);
  }

  /** Safe to repeat. @throws VolumeInUse while something still holds the volume's device */
  async unstage(volumeId: string, stagingPath: string): Promise<void> {
    const device = Staging.sourceIn(stagingPath, 'block');
    await this.unmountAll(device);
    await this.unmountAll(stagingPath);
    // why: only now; while the volume's filesystem is mounted, a file of that name would be the user's
    await this.sweep(stagingPath);
    const image = this.#options.store.imageOf(volumeId);
    const loop = await this.loopOf(image);
    if (loop === undefined) return;
    await this.#options.tools.detach(loop.path);
    if (await this.#isDetachedSoon(image)) return;
    // why: a container with the host's tree among its volumes (an agent that looks at nodes) has copies of all mounts that were there at its start; they go with the mount,
    // as with HostToContainer. What is opened through one holds the device on
    for (const copy of await foreignMounts(loop)) await this.#options.tools.unmountIn(copy);
    if (!(await this.#isDetachedSoon(image))) throw new VolumeInUse(volumeId, `${loop.path} is still open: ${await describeHolders(loop)}`);
  }

  /** Removes the place of a device that nothing is mounted at: a staging that was killed before the device lay there leaves it, and the volume may be deleted then. */
  async sweep(stagingPath: string): Promise<void> {
    const device = Staging.sourceIn(stagingPath, 'block');
    // why only an empty one: that is what we make
    if (mountAt(await this.#options.host.mounts(), device) === undefined && (await isEmptyFile(device))) await rm(device, { force: true });
  }

  /** Takes every mount off a path. */
  async unmountAll(path: string): Promise<void> {
    for (let round = 0; round < MAX_STACKED; round += 1) {
      if (mountAt(await this.#options.host.mounts(), path) === undefined) return;
      await this.#options.tools.mounter.unmount(path);
    }
  }

  /** The device that an image is attached to. */
  async loopOf(image: string): Promise<LoopDevice | undefined> {
    return (await this.#options.host.loops()).find((loop) => loop.image === image && !loop.isImageDeleted);
  }

  async #plan(wish: StageWish): Promise<readonly StageAction[]> {
    const { store, host, preferred } = this.#options;
    const { record, stagingPath } = wish;
    const mounts = await host.mounts();
    const staged = mountAt(mounts, stagingPath);
    const volumeId = record.id;
    if (record.type === 'directory') {
      const data = store.dataOf(volumeId);
      if ((await stat(data).catch(() => undefined)) === undefined) throw new VolumeDamaged(volumeId, `its directory ${data} is gone`);
      return planDirectoryStage({ volumeId, stagingPath, staged, data: placeOf(mounts, data) });
    }
    await store.ensureImageSize(record);
    const loop = await this.loopOf(store.imageOf(volumeId));
    if (wish.kind === 'filesystem') {
      const image = await viewImage(store.imageOf(volumeId));
      return planFilesystemStage({ volumeId, stagingPath, staged, loop, image, preferred, fsType: wish.fsType ?? record.fsType });
    }
    const devicePath = Staging.sourceIn(stagingPath, 'block');
    return planBlockStage({ volumeId, devicePath, loop, bound: mountAt(mounts, devicePath), mountedAt: fileMount(mounts, loop) });
  }

  async #apply(action: StageAction, wish: StageWish): Promise<void> {
    const { store, tools } = this.#options;
    const { record, stagingPath } = wish;
    const image = store.imageOf(record.id);
    switch (action.type) {
      case 'format':
        return this.#format(record, action.fsType);
      case 'check-ext4':
        return this.#onDevice(record, (device) => tools.checkExt4(device));
      case 'grow-ext4':
        return this.#onDevice(record, (device) => tools.growExt4Offline(device));
      case 'mount-image':
        return tools.mounter.mountImage(image, stagingPath, {
          fsType: action.fsType,
          options: [...ownOptions(action.fsType), ...wish.options],
        });
      case 'mount-device':
        return tools.mounter.mountDevice(action.device, stagingPath, {
          fsType: action.fsType,
          options: [...ownOptions(action.fsType), ...wish.options],
        });
      case 'grow-xfs':
        return tools.growXfs(stagingPath);
      case 'attach-and-bind':
        return this.#bindDevice(await tools.attach(image, wish.access), stagingPath);
      case 'bind-device':
        return this.#bindDevice(action.device, stagingPath);
      case 'bind-directory':
        return tools.mounter.bind(store.dataOf(record.id), stagingPath);
    }
  }

  /** Formats beside the image and takes its place by one rename, so that a half-made filesystem is never found. */
  async #format(record: VolumeRecord, fsType: 'ext4' | 'xfs'): Promise<void> {
    const image = this.#options.store.imageOf(record.id);
    // why: a name of its own, because a formatter that outlived a killed driver may still be writing to the earlier one
    const making = `${image}${FORMATTING}${this.#options.ids.suffix(8)}`;
    try {
      await makeSparse(making, record.sizeBytes);
      await this.#options.tools.makeFilesystem(fsType, making);
      await rename(making, image);
    } catch (thrown) {
      await rm(making, { force: true });
      throw thrown;
    }
  }

  /** Works on a device rather than the file: the kernel then refuses a mount while the tools have it open, also after this process was killed. */
  async #onDevice({ id }: VolumeRecord, work: (device: string) => Promise<void>): Promise<void> {
    const { store, tools } = this.#options;
    const image = store.imageOf(id);
    const device = await tools.attach(image, 'rw');
    try {
      await work(device);
    } finally {
      await tools.detach(device);
    }
    if (await this.#isDetachedSoon(image)) return;
    const loop = await this.loopOf(image);
    if (loop !== undefined) throw new VolumeInUse(id, `${device} is still open: ${await describeHolders(loop)}`);
  }

  async #bindDevice(device: string, stagingPath: string): Promise<void> {
    const target = Staging.sourceIn(stagingPath, 'block');
    await writeFile(target, '', { flag: 'a', mode: 0o600 });
    await this.#options.tools.mounter.bind(device, target);
  }

  async #isDetachedSoon(image: string): Promise<boolean> {
    const { clock } = this.#options;
    const untilMs = clock.nowMs() + DETACH_WAIT_MS;
    while ((await this.loopOf(image)) !== undefined) {
      if (clock.nowMs() >= untilMs) return false;
      await sleep(clock, DETACH_POLL_MS);
    }
    return true;
  }
}

async function isEmptyFile(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === 0;
}

/** Where a loop device is mounted as a filesystem. */
function fileMount(mounts: readonly Mount[], loop: LoopDevice | undefined): string | undefined {
  return loop === undefined ? undefined : mounts.find((entry) => entry.device === loop.device)?.mountPoint;
}

/** Mount options of the driver's own choice. */
function ownOptions(fsType: string): readonly string[] {
  // why nouuid: a volume made from another has its UUID, and XFS mounts a UUID once (xfs(5)); which image is meant is known from its file
  return fsType === 'xfs' ? ['discard', 'nouuid'] : ['discard'];
}
