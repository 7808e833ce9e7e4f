import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Mount } from '#linux/mount-table.ts';
import { listNames } from '#linux/small-files.ts';
import { ImageNames } from './image-names.ts';
import { FETCHED, imagesInUse, lastUsedMs, NAMES, placeOf, readSizeBytes, removePlace } from './image-place.ts';
import { type CollectableImage, type CollectionLimits, type CollectionPlan, planCollection } from './plan-collection.ts';

/** What collecting needs. */
export interface ImageCollectorOptions {
  /** Directory of all images of the node. */
  readonly dir: string;
  readonly limits: CollectionLimits;
  readonly clock: Clock;
  readonly log: Logger;
  /** What is mounted: containers' roots name the images that they stand on. */
  readonly mounts: () => Promise<readonly Mount[]>;
  /** Not even without images the disk would have enough space. */
  readonly onShortage: (message: string) => void;
}

/** Looks at the disk (kubelet ImageGCPeriod). */
const PERIOD_MS = 300_000;
/** Removes images that nobody uses when the disk gets full. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions;
  readonly #names: ImageNames;

  constructor(options: ImageCollectorOptions) {
    this.#options = options;
    this.#names = new ImageNames(join(options.dir, NAMES));
  }

  /** Collects from time to time, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await sleep(clock, PERIOD_MS, signal);
        await this.collect();
      } catch (error) {
        if (signal.aborted) return;
        log.warn('images could not be collected', { err: PlatformError.from(error) });
      }
    }
  }

  /** Removes what has to go now; answers the digests. */
  async collect(): Promise<readonly string[]> {
    const { dir, limits, clock, log, onShortage } = this.#options;
    const disk = await statfs(dir);
    const use = { capacityBytes: disk.blocks * disk.bsize, freeBytes: disk.bavail * disk.bsize };
    const plan = planCollection(await this.#images(), { disk: use, limits, nowMs: clock.nowMs() });
    await this.#removeAll(plan, log);
    if (plan.wantedBytes > plan.freedBytes)
      onShortage(
        `Failed to garbage collect required amount of images. Attempted to free ${plan.wantedBytes} bytes, but only found ${plan.freedBytes} bytes eligible to free.`,
      );
    return plan.remove.map(({ place }) => place);
  }

  /** Removes every image that nobody uses, before somebody has to go for the disk's sake; true where there was one. */
  async reclaim(): Promise<boolean> {
    const { clock, log } = this.#options;
    const full = { capacityBytes: 1, freeBytes: 0 };
    const images = (await this.#images()).map((image) => ({ ...image, sizeBytes: 0 }));
    const plan = planCollection(images, { disk: full, limits: { highPercent: 0, lowPercent: 0 }, nowMs: clock.nowMs() });
    await this.#removeAll(plan, log);
    return plan.remove.length > 0;
  }

  async #removeAll({ remove }: CollectionPlan, log: Logger): Promise<void> {
    for (const { place } of remove) {
      log.info('an image that nobody uses is removed, the disk is nearly full', { path: place });
      await this.#remove(place);
    }
  }

  async #images(): Promise<readonly CollectableImage[]> {
    const { dir, mounts } = this.#options;
    const isInUse = imagesInUse(await mounts());
    const pinned = new Set(
      (await this.#names.all()).filter(({ remoteDigest }) => remoteDigest === '').map(({ digest }) => placeOf(digest)),
    );
    const found = await Promise.all(
      (await listNames(join(dir, FETCHED))).map(async (place) => {
        const path = join(dir, FETCHED, place);
        const usedMs = await lastUsedMs(path);
        if (usedMs === undefined) return [];
        return [{ place, sizeBytes: await readSizeBytes(path), lastUsedMs: usedMs, isInUse: isInUse(place), isPinned: pinned.has(place) }];
      }),
    );
    return found.flat();
  }

  /** Names first: an image without a name is fetched again, a name without an image would have to be explained. */
  async #remove(place: string): Promise<void> {
    const { dir } = this.#options;
    for (const { reference, digest } of await this.#names.all()) if (placeOf(digest) === place) await this.#names.remove(reference);
    await removePlace(dir, place);
  }
}
