import type { Clock } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import { STORAGE_BUCKETS } from '#protocols/csi/storage-operations.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { observedClient } from '#protocols/csi/observed-client.ts';

/** Who calls a driver: the metric has the name that it has of upstream's programs. */
const NAMES = { controller: 'csi_sidecar_operations_seconds', node: 'csi_operations_seconds' } as const;

/** Counts the calls of drivers, in the metrics of upstream's sidecars and of kubelet. */
export class DriverCalls {
  readonly #metrics: Metrics;
  readonly #clock: Clock;

  constructor({ metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock }) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  /** `client` as it is given to controllers or to the node. */
  counted(driverName: string, client: CsiClient, caller: keyof typeof NAMES): CsiClient {
    const durations = this.#metrics.histogram(
      {
        name: NAMES[caller],
        help: `Seconds that calls of CSI drivers by ${caller === 'node' ? 'the node' : 'controllers'} took, with the gRPC status.`,
        labels: ['driver_name', 'method_name', 'grpc_status_code', 'migrated'],
      },
      STORAGE_BUCKETS,
    );
    // why never migrated: a call does not know whether its volume is of a kind from before CSI
    return observedClient(client, this.#clock, ({ method, code, seconds }) =>
      durations.observe([driverName, method, code, 'false'], seconds),
    );
  }
}
