import type { ConnectedDrivers } from '#controllers/drivers.ts';
import type { CsiClient } from '#protocols/csi/client.ts';

/** The CSI drivers that are connected right now: one table for controllers and nodes. */
export class DriverTable implements ConnectedDrivers {
  readonly #clients = new Map<string, CsiClient>();
  readonly #onNode = new Map<string, CsiClient>();
  readonly #listeners = new Set<(driverName: string) => void>();

  /** The table as the node of this process reads it; it changes as drivers come and go. */
  get onNode(): ReadonlyMap<string, CsiClient> {
    return this.#onNode;
  }

  onBack(listener: (driverName: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A driver, or one of its nodes, answers again. */
  announce(driverName: string): void {
    for (const listener of this.#listeners) listener(driverName);
  }

  find(driverName: string): CsiClient | undefined {
    return this.#clients.get(driverName);
  }

  names(): readonly string[] {
    return [...this.#clients.keys()];
  }

  /** `onNode`: whom the node of this process asks, where that is not whom controllers ask. */
  add(driverName: string, client: CsiClient, onNode: CsiClient = client): void {
    this.#clients.set(driverName, client);
    this.#onNode.set(driverName, onNode);
    this.announce(driverName);
  }

  /** Closes the connection too. */
  remove(driverName: string): void {
    this.#clients.get(driverName)?.close();
    this.#clients.delete(driverName);
    this.#onNode.delete(driverName);
  }
}
