import type { DriverEndpoint } from './endpoint-finder.ts';

/** Volumes that are remembered; of the oldest nothing is known then, and every node is asked. */
const MAX_VOLUMES = 10_000;

/**
 * Where volumes may lie that this process made or tried to make. Known are only those whose first try it saw; whatever else exists may lie anywhere.
 */
export class VolumePlaces {
  readonly #places = new Map<string, Set<DriverEndpoint>>();

  /** A creation of the volume is about to be asked for; `isNew`: for the first time ever. */
  begin(volumeId: string, { isNew }: { readonly isNew: boolean }): void {
    if (!isNew || this.#places.has(volumeId)) return;
    this.#places.set(volumeId, new Set());
    const [oldest] = this.#places.keys();
    if (this.#places.size > MAX_VOLUMES && oldest !== undefined) this.#places.delete(oldest);
  }

  /** It may lie there from now on; true where it could not before. */
  add(volumeId: string, endpoint: DriverEndpoint): boolean {
    const places = this.#places.get(volumeId);
    if (places === undefined || places.has(endpoint)) return false;
    places.add(endpoint);
    return true;
  }

  /** The driver there said for good that it made none. */
  remove(volumeId: string, endpoint: DriverEndpoint): void {
    this.#places.get(volumeId)?.delete(endpoint);
  }

  /** Every place where it may lie; undefined = anywhere. */
  possible(volumeId: string): ReadonlySet<DriverEndpoint> | undefined {
    return this.#places.get(volumeId);
  }

  /** It is gone. */
  forget(volumeId: string): void {
    this.#places.delete(volumeId);
  }
}
