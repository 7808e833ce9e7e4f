import type { KubeObject } from '#api/meta/object.ts';
import type { Gauge, Metrics } from '#kit/metrics.ts';
import type { Informer } from '#machinery/client/informer.ts';

/** A job that says in which phase it is. */
interface PhasedJob extends KubeObject {
  readonly status?: { readonly phase?: string | undefined } | undefined;
}

/** How many jobs of a kind are in which phase. Remembers those that are there. */
export class PhaseCounts {
  readonly #gauge: Gauge;
  readonly #phases = new Map<string, string>();

  constructor(metrics: Metrics, { name, help }: { readonly name: string; readonly help: string }) {
    this.#gauge = metrics.gauge({ name, help, labels: ['phase'] });
  }

  /** Counts what an informer sees. */
  count(jobs: Informer<PhasedJob>): void {
    jobs.subscribe({
      onUpsert: ({ metadata, status }) => {
        this.#phases.set(metadata.uid, status?.phase ?? 'Pending');
        this.#show();
      },
      onDelete: ({ metadata }) => {
        this.#phases.delete(metadata.uid);
        this.#show();
      },
    });
  }

  #show(): void {
    this.#gauge.clear();
    for (const [phase, jobs] of Map.groupBy(this.#phases.values(), (phase) => phase)) this.#gauge.set([phase], jobs.length);
  }
}
