import type { VolumeRollback } from '#api/generated/definitions.ts';
import type { Gauge, Metrics } from '#kit/metrics.ts';

/** How many rollbacks are in which phase. Remembers those that are there. */
export class RollbackCounts {
  readonly #gauge: Gauge;
  readonly #phases = new Map<string, string>();

  constructor(metrics: Metrics) {
    const help = 'Rollbacks by phase: those that are not Confirmed, Undone or Refused keep an old volume, or have stopped somebody.';
    this.#gauge = metrics.gauge({ name: 'stowage_volume_rollbacks', help, labels: ['phase'] });
  }

  /** It is as it is now. */
  observe({ metadata, status }: VolumeRollback): void {
    this.#phases.set(metadata.uid, status?.phase ?? 'Pending');
    this.#show();
  }

  /** It has gone. */
  gone({ metadata }: VolumeRollback): void {
    this.#phases.delete(metadata.uid);
    this.#show();
  }

  #show(): void {
    this.#gauge.clear();
    for (const [phase, rollbacks] of Map.groupBy(this.#phases.values(), (phase) => phase)) this.#gauge.set([phase], rollbacks.length);
  }
}
