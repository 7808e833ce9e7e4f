import { open, stat } from 'node:fs/promises';
import { isCommandFailed } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { CopyJob } from './copy-plan.ts';
import { FrozenTooLong } from './errors.ts';
import { isFrozenTooLong, type Sharing } from '#linux/freeze-command.ts';
import type { Tools } from '#linux/tools.ts';
import type { VolumeType } from './volume-record.ts';

/** Copies volumes and snapshots inside a pool, sharing blocks where the pool can. A copy goes to a place that is not yet part of the pool. */
export class VolumeCopier {
  readonly sharing: Sharing;
  readonly #tools: Tools;
  readonly #log: Logger;
  readonly #onFrozen: ((seconds: number) => void) | undefined;

  constructor(options: {
    readonly sharing: Sharing;
    readonly tools: Tools;
    readonly log: Logger;
    /** Is told for how long file systems were frozen. */
    readonly onFrozen?: ((seconds: number) => void) | undefined;
  }) {
    this.sharing = options.sharing;
    this.#tools = options.tools;
    this.#log = options.log;
    this.#onFrozen = options.onFrozen;
  }

  /** Copies all of it as of one moment: what has to be frozen is frozen together. Durable when it returns. @throws CommandFailed, FrozenTooLong */
  async copy(jobs: readonly CopyJob[]): Promise<void> {
    for (const { plan } of jobs) if (plan.flush !== undefined) await flush(plan.flush);
    const images = jobs.filter((job) => job.type === 'file');
    const frozen = jobs.flatMap(({ plan }) => (plan.freezeAt === undefined ? [] : [plan.freezeAt]));
    // why: a full copy takes as long as the disk needs, and whoever waits for it wants to know what it waits for
    if (this.sharing === 'full') for (const { from } of jobs) this.#log.info('copying without shared blocks', { path: from });
    if (images.length > 0) await this.#copyImages(images, frozen);
    for (const { to } of images) await flush(to);
    for (const job of jobs) if (job.type === 'directory') await this.#tools.copyDirectory(job, this.sharing);
    if (this.sharing === 'full') for (const { from } of jobs) this.#log.info('copied', { path: from });
  }

  async #copyImages(images: readonly CopyJob[], frozen: readonly string[]): Promise<void> {
    try {
      const seconds = await this.#tools.copyImages(images, { sharing: this.sharing, frozen });
      if (seconds !== undefined) this.#onFrozen?.(seconds);
    } catch (thrown) {
      throw frozen.length > 0 && isCommandFailed(thrown) && isFrozenTooLong(thrown.exitCode) ? new FrozenTooLong(thrown) : thrown;
    }
  }

  /** Bytes on the disk behind an image or a directory, shared ones too. */
  async storedBytes(path: string, type: VolumeType): Promise<bigint> {
    if (type === 'directory') return this.#tools.diskUsage(path);
    return (await stat(path, { bigint: true })).blocks * STAT_BLOCK_BYTES;
  }
}

/** `st_blocks` counts in these (stat(2)). */
const STAT_BLOCK_BYTES = 512n;

/** Waits until what was written to a file or a device is on what it lies on. */
async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
