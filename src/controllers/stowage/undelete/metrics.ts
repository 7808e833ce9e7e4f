import type { Metrics } from '#kit/metrics.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import type { Ending } from './plan-volume.ts';

/** Counts what is kept of deleted claims, and what became of it. */
export class UndeleteCounts {
  readonly #metrics: Metrics;
  readonly #kept;
  readonly #ended;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#kept = metrics.counter({
      name: 'stowage_deleted_claims_kept_total',
      help: 'Claims that were deleted and whose volumes were kept for a time.',
      labels: [],
    });
    this.#ended = metrics.counter({
      name: 'stowage_deleted_claims_ended_total',
      help: 'Claims that can not be brought back any more, by how that ended: restored, over, let-go (at once), taken (by an administrator).',
      labels: ['outcome'],
    });
  }

  /** One more is kept. */
  kept(): void {
    this.#kept.increase([]);
  }

  /** One less. */
  ended(how: Ending): void {
    this.#ended.increase([how]);
  }

  /** What `kept` answers is counted at each scrape. */
  watch(kept: () => readonly PersistentVolume[]): void {
    const count = this.#metrics.gauge({
      name: 'stowage_deleted_claims',
      help: 'Claims that were deleted and can be brought back now.',
      labels: [],
    });
    const bytes = this.#metrics.gauge({
      name: 'stowage_deleted_claims_bytes',
      help: 'Capacity of the volumes that are kept for deleted claims, in bytes.',
      labels: [],
    });
    this.#metrics.beforeScrape(() => {
      const volumes = kept();
      count.set([], volumes.length);
      bytes.set([], Number(volumes.reduce((sum, volume) => sum + capacityBytesOf(volume), 0n)));
    });
  }
}
