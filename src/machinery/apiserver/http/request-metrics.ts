import { groupResourceOf } from '#api/meta/resource.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Store } from '../../store/store.ts';
import type { KindRegistry } from '../registry.ts';

/** One answered request. Labels come from the registry and from fixed sets, so there are few. */
export interface CountedRequest {
  readonly verb: string;
  readonly resource: string;
  readonly code: number;
  readonly durationMs: number;
}

/** Seconds; kube-apiserver's buckets of `apiserver_request_duration_seconds`, thinned. */
const DURATION_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 2, 5, 10, 30, 60];

/** What an API server counts, under the names that kube-apiserver gives them. */
export class RequestMetrics {
  readonly #count: (request: CountedRequest) => void;
  readonly #watches: (open: number) => void;
  #openWatches = 0;

  constructor(metrics: Metrics, server: { readonly store: Store; readonly registry: KindRegistry }) {
    const requests = metrics.counter({
      name: 'apiserver_request_total',
      help: 'Requests answered, by verb, resource and HTTP status.',
      labels: ['verb', 'resource', 'code'],
    });
    const durations = metrics.histogram(
      {
        name: 'apiserver_request_duration_seconds',
        help: 'Seconds until a request was answered; watches and logs not counted.',
        labels: ['verb', 'resource'],
      },
      DURATION_BUCKETS,
    );
    this.#count = ({ verb, resource, code, durationMs }) => {
      requests.increase([verb, resource, String(code)]);
      durations.observe([verb, resource], durationMs / 1_000);
    };
    const watches = metrics.gauge({ name: 'apiserver_longrunning_requests', help: 'Watches that are open.', labels: ['verb'] });
    this.#watches = (open) => watches.set(['WATCH'], open);
    this.#watches(0);
    countObjects(metrics, server);
  }

  /** One request was answered. */
  count(request: CountedRequest): void {
    this.#count(request);
  }

  /** A watch was opened; call the answer when it ends. */
  watchOpened(): () => void {
    this.#watches((this.#openWatches += 1));
    return () => this.#watches((this.#openWatches -= 1));
  }
}

function countObjects(metrics: Metrics, { store, registry }: { readonly store: Store; readonly registry: KindRegistry }): void {
  const objects = metrics.gauge({ name: 'apiserver_storage_objects', help: 'Objects stored, by resource.', labels: ['resource'] });
  const revision = metrics.gauge({ name: 'stowage_store_revision', help: 'The newest revision of the store.', labels: [] });
  const kept = metrics.gauge({ name: 'stowage_store_compacted_revision', help: 'A watch can resume from any later revision.', labels: [] });
  metrics.beforeScrape(() => {
    for (const name of registry.resources.map(groupResourceOf)) objects.set([name], store.count({ resource: name }));
    revision.set([], store.revision);
    kept.set([], store.compactedRevision);
  });
}
