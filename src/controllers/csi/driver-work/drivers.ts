import type { Clock } from '#kit/clock.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { StorageOperations } from '#protocols/csi/storage-operations.ts';
import type { CsiClient } from '#protocols/csi/client.ts';

/** The CSI drivers that are connected right now. */
export interface ConnectedDrivers {
  find(driverName: string): CsiClient | undefined;
  /** For messages that say what there is. */
  names(): readonly string[];
  /** Calls `listener` whenever a driver that may have been away answers again, or one of its nodes does; answers a disposer. */
  onBack(listener: (driverName: string) => void): () => void;
}

/** What a controller needs that calls drivers. */
export interface DriverControllerDeps {
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly clock: Clock;
  /** Counts what is done at drivers; absent = nobody does. */
  readonly operations?: StorageOperations;
  /** How long one call of a driver may take; default: that of upstream's program for the work. */
  readonly timeoutMs?: number;
}
