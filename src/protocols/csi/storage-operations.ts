import type { Clock } from '#kit/clock.ts';
import type { Histogram, Metrics } from '#kit/metrics.ts';

/** Seconds (Kubernetes pkg/volume/util/metrics.go). */
export const STORAGE_BUCKETS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600];

/** An operation, with upstream's name where upstream has it (`operation_name` of storage_operation_duration_seconds). */
export type StorageOperation =
  | 'volume_provision'
  | 'volume_delete'
  | 'volume_attach'
  | 'volume_detach'
  | 'expand_volume'
  | 'modify_volume'
  | 'volume_mount'
  | 'volume_unmount'
  | 'map_volume'
  | 'unmap_volume'
  | 'unmount_device'
  | 'volume_fs_resize';

/** One try of an operation. */
interface OperationTry {
  readonly driverName: string;
  readonly operation: StorageOperation;
  /** The volume is of a source that was part of Kubernetes once. */
  readonly isMigrated?: boolean | undefined;
}

/** Names of operations from the first try to the success, over all tries (`operation_name` of volume_operation_total_seconds). */
const END_TO_END: ReadonlyMap<StorageOperation, string> = new Map([
  ['volume_provision', 'provision'],
  ['volume_delete', 'delete'],
]);

/** How long work with volumes takes, in upstream's metrics of it. */
export class StorageOperations {
  readonly #clock: Clock;
  readonly #durations: Histogram;
  readonly #totals: Histogram;

  constructor({ metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock }) {
    this.#clock = clock;
    this.#durations = metrics.histogram(
      {
        name: 'storage_operation_duration_seconds',
        help: 'Seconds that one try of an operation with a volume took.',
        labels: ['volume_plugin', 'operation_name', 'status', 'migrated'],
      },
      STORAGE_BUCKETS,
    );
    this.#totals = metrics.histogram(
      {
        name: 'volume_operation_total_seconds',
        help: 'Seconds from the first try of an operation with a volume to its success.',
        labels: ['plugin_name', 'operation_name'],
      },
      STORAGE_BUCKETS,
    );
  }

  /** Notes how long `work` took, and how it ended. @throws what `work` throws */
  async run<T>(one: OperationTry, work: () => Promise<T>): Promise<T> {
    const beganMs = this.#clock.nowMs();
    try {
      const result = await work();
      this.tried({ ...one, beganMs, hasFailed: false });
      return result;
    } catch (thrown) {
      this.tried({ ...one, beganMs, hasFailed: true });
      throw thrown;
    }
  }

  /** One try is over that began at `beganMs` of the clock. */
  tried({
    driverName,
    operation,
    isMigrated = false,
    beganMs,
    hasFailed,
  }: OperationTry & { readonly beganMs: number; readonly hasFailed: boolean }): void {
    const labels = [pluginOf(driverName), operation, hasFailed ? 'fail-unknown' : 'success', String(isMigrated)];
    this.#durations.observe(labels, this.#secondsSince(beganMs));
  }

  /** An operation that was first tried at `beganMs` of the clock has succeeded; of those that upstream counts so. */
  succeeded(driverName: string, operation: StorageOperation, beganMs: number): void {
    const name = END_TO_END.get(operation);
    if (name !== undefined) this.#totals.observe([pluginOf(driverName), name], this.#secondsSince(beganMs));
  }

  #secondsSince(beganMs: number): number {
    return Math.max(0, this.#clock.nowMs() - beganMs) / 1_000;
  }
}

/** What upstream calls a driver's volumes (pkg/volume/util `GetFullQualifiedPluginNameForVolume`). */
function pluginOf(driverName: string): string {
  return `kubernetes.io/csi:${driverName}`;
}
