import type { ConnectedDrivers } from '#controllers/csi/driver-work/drivers.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { DriverCalls } from './driver-calls.ts';

/** One socket of a driver; it may have several: one on each node, or one for its controller and one for its node service. */
export interface DriverSocket {
  readonly client: CsiClient;
  /** True where controllers may ask it. */
  readonly servesController: boolean;
  /** True where the node of this process may ask it. */
  readonly servesNode: boolean;
  /** Which of several is asked: the lowest. */
  readonly rank: number;
}

/** A socket as it is given out: with its calls counted. */
interface GivenSocket extends DriverSocket {
  readonly forControllers: CsiClient;
  readonly forNode: CsiClient;
}

/** The CSI drivers that are connected right now: one table for controllers and nodes. */
export class DriverTable implements ConnectedDrivers {
  /** By driver, in order of rank. */
  readonly #sockets = new Map<string, readonly GivenSocket[]>();
  readonly #onNode = new Map<string, CsiClient>();
  readonly #listeners = new Set<(driverName: string) => void>();
  readonly #calls: DriverCalls | undefined;

  /** `calls` counts the calls; absent = nobody does. */
  constructor(calls?: DriverCalls) {
    this.#calls = calls;
  }

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

  /** Whom controllers ask; where no socket serves a controller, one that says so itself. */
  find(driverName: string): CsiClient | undefined {
    const sockets = this.#sockets.get(driverName) ?? [];
    return (sockets.find(({ servesController }) => servesController) ?? sockets[0])?.forControllers;
  }

  names(): readonly string[] {
    return [...this.#sockets.keys()];
  }

  add(driverName: string, socket: DriverSocket): void {
    const { client } = socket;
    // why once per socket: what a driver can do is remembered by its client
    const given = {
      ...socket,
      forControllers: this.#calls?.counted(driverName, client, 'controller') ?? client,
      forNode: this.#calls?.counted(driverName, client, 'node') ?? client,
    };
    const sockets = [...(this.#sockets.get(driverName) ?? []), given];
    this.#replace(
      driverName,
      sockets.toSorted((a, b) => a.rank - b.rank),
    );
    this.announce(driverName);
  }

  /** Closes the connection too. */
  remove(driverName: string, client: CsiClient): void {
    const sockets = this.#sockets.get(driverName) ?? [];
    this.#replace(
      driverName,
      sockets.filter((socket) => socket.client !== client),
    );
    client.close();
  }

  /** Closes all connections. */
  close(): void {
    for (const [driverName, sockets] of this.#sockets) for (const { client } of sockets) this.remove(driverName, client);
  }

  #replace(driverName: string, sockets: readonly GivenSocket[]): void {
    if (sockets.length === 0) this.#sockets.delete(driverName);
    else this.#sockets.set(driverName, sockets);
    const onNode = sockets.find(({ servesNode }) => servesNode)?.forNode;
    if (onNode === undefined) this.#onNode.delete(driverName);
    else this.#onNode.set(driverName, onNode);
  }
}
