import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { Clock } from '#kit/clock.ts';
import type { Gauge, Histogram, Metrics } from '#kit/metrics.ts';

/** Seconds (lib-volume-populator populator-machinery/metrics.go). */
const BUCKETS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600];

/** How long volumes take to be filled, in upstream's metrics of it. Remembers what is under way, and that only as long as its claim is there. */
export class PopulatorOperations {
  readonly #clock: Clock;
  readonly #durations: Histogram;
  readonly #inFlight: Gauge;
  readonly #beganMs = new Map<string, number>();

  constructor({ metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock }) {
    this.#clock = clock;
    this.#durations = metrics.histogram(
      { name: 'volume_populator_operation_seconds', help: 'Seconds that it takes to fill a volume, by its result.', labels: ['result'] },
      BUCKETS,
    );
    this.#inFlight = metrics.gauge({
      name: 'volume_populator_operations_in_flight',
      help: 'Volumes that are being filled.',
      labels: [],
    });
  }

  /** The claim is being filled; said again it is still the same filling. */
  isUnderWay({ metadata: { uid } }: PersistentVolumeClaim): void {
    if (!this.#beganMs.has(uid)) this.#beganMs.set(uid, this.#clock.nowMs());
    this.#show();
  }

  /** The filling is over; one of which nobody knows when it began is not counted. */
  over({ metadata: { uid } }: PersistentVolumeClaim, result: 'success' | 'error'): void {
    const beganMs = this.#beganMs.get(uid);
    if (beganMs !== undefined) this.#durations.observe([result], Math.max(0, this.#clock.nowMs() - beganMs) / 1_000);
    this.dropped({ metadata: { uid } });
  }

  /** The filling was given up. */
  dropped({ metadata: { uid } }: { readonly metadata: { readonly uid: string } }): void {
    this.#beganMs.delete(uid);
    this.#show();
  }

  #show(): void {
    this.#inFlight.set([], this.#beganMs.size);
  }
}
