import type { ConnectedDrivers } from '#controllers/drivers.ts';
import type { CsiClient } from '#protocols/csi/client.ts';

/** The CSI drivers that are connected right now: one table for controllers and nodes. */
export class DriverTable implements ConnectedDrivers {
  readonly #clients = new Map<string, CsiClient>();

  /** The table as nodes read it; it changes as drivers come and go. */
  get clients(): ReadonlyMap<string, CsiClient> {
    return this.#clients;
  }

  find(driverName: string): CsiClient | undefined {
    return this.#clients.get(driverName);
  }

  names(): readonly string[] {
    return [...this.#clients.keys()];
  }

  add(driverName: string, client: CsiClient): void {
    this.#clients.set(driverName, client);
  }

  /** Closes the connection too. */
  remove(driverName: string): void {
    this.#clients.get(driverName)?.close();
    this.#clients.delete(driverName);
  }
}
