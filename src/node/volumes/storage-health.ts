import type { CSINode, StorageHealth, StorageHealthCondition } from '#api/generated/kubernetes.ts';
import { csiNodes } from '#api/resources.ts';
import { type Clock, formatTime, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Gauge, Metrics } from '#kit/metrics.ts';
import type { Client } from '#machinery/client/client.ts';
import { storageConditions } from '#protocols/csi/storage-health.ts';
import { type CsiDrivers, nodeCapabilities } from './csi-volumes.ts';

/** What {@link StorageHealthLook} is made of. */
export interface StorageHealthOptions {
  readonly client: Pick<Client, 'get' | 'patch'>;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly drivers: CsiDrivers;
}

/** Drivers are asked this often (as kubelet asks how volumes are: 1 min). */
const INTERVAL_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;

/**
 * Asks the drivers of this node that have GET_STORAGE_HEALTH (CSI 1.13) how their storage is as the node reaches it, and says so in `status.storageHealth` of its
 * CSINode (KEP-1432) and in kubelet's metric. An error, or a driver that is away, clears nothing; a driver that the node has no more is forgotten.
 */
export class StorageHealthLook {
  readonly #options: StorageHealthOptions;
  readonly #gauge: Gauge;

  constructor(options: StorageHealthOptions) {
    this.#options = options;
    this.#gauge = options.metrics.gauge({
      name: 'csi_node_storage_health_status',
      help: 'What a driver of the node says is wrong with its storage: 1 for each.',
      labels: ['driver_name', 'status', 'reason'],
    });
  }

  /** Asks again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, INTERVAL_MS, signal).catch(() => {});
      if (!signal.aborted) await this.look(signal);
    }
  }

  /** Asks once. Never rejects. */
  async look(signal: AbortSignal): Promise<void> {
    const { client, nodeName: name, log } = this.#options;
    try {
      const node = await client.get(csiNodes, { namespace: '', name });
      const reports = await Promise.all(node.spec.drivers.map((driver) => this.#reportOf(driver.name, node, signal)));
      const next = reports.filter((report) => report !== undefined);
      this.#show(next);
      await this.#write(node, next);
    } catch (thrown) {
      log.debug('the health of storage is not written', { name, err: PlatformError.from(thrown) });
    }
  }

  /** Undefined where all is well, or the driver does not say. */
  async #reportOf(name: string, { status }: CSINode, signal: AbortSignal): Promise<StorageHealth | undefined> {
    const before = status?.storageHealth?.find((report) => report.name === name);
    const driver = this.#options.drivers(name);
    if (driver === undefined) return before;
    try {
      const capabilities = await nodeCapabilities(driver, AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]));
      if (!capabilities.has('GET_STORAGE_HEALTH')) return undefined;
      const conditions = storageConditions(await driver.node.nodeGetStorageHealth({}, { timeoutMs: CALL_TIMEOUT_MS, signal }));
      if (conditions.length === 0) return undefined;
      return {
        name,
        healthConditions: conditions.map((condition) => ({ ...condition, lastTransitionTime: this.#since(condition, before) })),
      };
    } catch (thrown) {
      this.#options.log.debug('a driver does not say how its storage is', { driver: name, err: PlatformError.from(thrown) });
      return before;
    }
  }

  #since(condition: StorageHealthCondition, before: StorageHealth | undefined): string {
    const same = before?.healthConditions?.find((had) => deepEqual(identityOf(had), identityOf(condition)));
    return same?.lastTransitionTime ?? formatTime(this.#options.clock.nowMs());
  }

  #show(reports: readonly StorageHealth[]): void {
    this.#gauge.clear();
    for (const { name, healthConditions = [] } of reports)
      for (const { status, reason } of healthConditions) this.#gauge.set([name, status, reason], 1);
  }

  async #write({ metadata, status }: CSINode, next: readonly StorageHealth[]): Promise<void> {
    if (deepEqual(next, status?.storageHealth ?? [])) return;
    const { name, uid, resourceVersion } = metadata;
    // why with its version: lists are replaced as a whole
    const body = { metadata: { uid, resourceVersion }, status: { storageHealth: next.length === 0 ? null : next } };
    await this.#options.client.patch(csiNodes, { key: { namespace: '', name }, patch: { type: 'merge', body } }, { subresource: 'status' });
  }
}

/** Words may change while it is the same that is wrong. */
function identityOf({ status, reason, accessMode, volumeMode }: StorageHealthCondition): readonly unknown[] {
  return [status, reason, accessMode, volumeMode];
}
