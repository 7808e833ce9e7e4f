import { groupResourceOf } from '#api/meta/resource.ts';
import type { Gauge, Metrics } from '#kit/metrics.ts';
import type { Store } from '../../store/store.ts';
import type { KindRegistry } from '../contract/registry.ts';
import { REQUEST_LABELS } from './request-labels.ts';

/** One answered request. */
export interface CountedRequest {
  /** Values of {@link REQUEST_LABELS}. */
  readonly labels: readonly string[];
  readonly code: number;
  readonly durationMs: number;
}

/** Seconds; kube-apiserver's buckets of `apiserver_request_duration_seconds`, thinned. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 5, 10, 30, 60];

/** What an API server counts, under the names that kube-apiserver gives them. */
export class RequestMetrics {
  readonly #count: (request: CountedRequest) => void;
  readonly #longRunning: Gauge;
  readonly #open = new Map<string, number>();

  constructor(metrics: Metrics, server: { readonly store: Store; readonly registry: KindRegistry }) {
    const requests = metrics.counter({
      name: 'apiserver_request_total',
      help: 'Requests answered, by verb, resource and HTTP status.',
      labels: [...REQUEST_LABELS, 'code'],
    });
    const durations = metrics.histogram(
      {
        name: 'apiserver_request_duration_seconds',
        help: 'Seconds until a request was answered; watches and logs not counted.',
        labels: REQUEST_LABELS,
      },
      DURATION_BUCKETS,
    );
    this.#count = ({ labels, code, durationMs }) => {
      requests.increase([...labels, String(code)]);
      durations.observe(labels, durationMs / 1_000);
    };
    this.#longRunning = metrics.gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches that are open.',
      labels: REQUEST_LABELS,
    });
    countObjects(metrics, server);
  }

  /** One request was answered. */
  count(request: CountedRequest): void {
    this.#count(request);
  }

  /** A watch was opened; call the answer when it ends. */
  watchOpened(labels: readonly string[]): () => void {
    const key = labels.join(' ');
    const change = (by: number): void => {
      const open = (this.#open.get(key) ?? 0) + by;
      this.#open.set(key, open);
      this.#longRunning.set(labels, open);
    };
    change(1);
    return () => change(-1);
  }
}

function countObjects(metrics: Metrics, { store, registry }: { readonly store: Store; readonly registry: KindRegistry }): void {
  const objects = metrics.gauge({ name: 'apiserver_storage_objects', help: 'Objects stored, by resource.', labels: ['resource'] });
  const revision = metrics.gauge({ name: 'stowage_store_revision', help: 'The newest revision of the store.', labels: [] });
  const kept = metrics.gauge({ name: 'stowage_store_compacted_revision', help: 'A watch can resume from any later revision.', labels: [] });
  const used = metrics.gauge({ name: 'stowage_store_used_bytes', help: 'What all objects take of the budget.', labels: [] });
  const budget = metrics.gauge({ name: 'stowage_store_budget_bytes', help: 'What all objects may take.', labels: [] });
  metrics.beforeScrape(() => {
    for (const name of registry.resources.map(groupResourceOf)) objects.set([name], store.count({ resource: name }));
    revision.set([], store.revision);
    kept.set([], store.compactedRevision);
    used.set([], store.space.usedBytes);
    budget.set([], store.space.budgetBytes);
  });
}
