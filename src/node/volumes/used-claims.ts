import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, type ObjectKey, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { getIfAny } from './claim-volume.ts';

/** Where a node sees the claims of its pods; an informer of all claims is one. */
export interface NodeClaims {
  get(key: ObjectKey): PersistentVolumeClaim | undefined;
  /** Tells of claims that are new or changed, until what it answers is called. */
  subscribe(handler: { onUpsert(claim: PersistentVolumeClaim): void }): () => void;
  /** Resolves when what is there now is known. */
  start(): Promise<void>;
}

/** What {@link UsedClaims} is made of. */
export interface UsedClaimsOptions {
  readonly client: Pick<Client, 'get'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Keys of the claims that pods of this node use. */
  readonly keys: () => Iterable<string>;
}

/** How long a change of a claim may stay unseen: only the growth of volumes in use waits for it. */
const INTERVAL_MS = 5_000;

/** Reads the claims of this node's pods again and again, one by one: more than that a node may not read. */
export class UsedClaims implements NodeClaims {
  readonly #options: UsedClaimsOptions;
  readonly #claims = new Map<string, PersistentVolumeClaim>();
  readonly #handlers = new Set<(claim: PersistentVolumeClaim) => void>();

  constructor(options: UsedClaimsOptions) {
    this.#options = options;
  }

  get(key: ObjectKey): PersistentVolumeClaim | undefined {
    return this.#claims.get(formatKey(key));
  }

  subscribe(handler: { onUpsert(claim: PersistentVolumeClaim): void }): () => void {
    const tell = (claim: PersistentVolumeClaim): void => handler.onUpsert(claim);
    this.#handlers.add(tell);
    return () => this.#handlers.delete(tell);
  }

  start(): Promise<void> {
    return this.look();
  }

  /** Looks again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, INTERVAL_MS, signal).catch(() => {});
      if (!signal.aborted) await this.look();
    }
  }

  /** Reads each claim once. Never rejects. */
  async look(): Promise<void> {
    const used = new Set(this.#options.keys());
    for (const key of this.#claims.keys()) if (!used.has(key)) this.#claims.delete(key);
    for (const key of used) await this.#read(key);
  }

  async #read(key: string): Promise<void> {
    try {
      const claim = await getIfAny(this.#options.client, persistentVolumeClaims, parseKey(key));
      const known = this.#claims.get(key);
      if (claim === undefined) this.#claims.delete(key);
      else this.#claims.set(key, claim);
      if (claim === undefined || claim.metadata.resourceVersion === known?.metadata.resourceVersion) return;
      for (const tell of this.#handlers) tell(claim);
    } catch (thrown) {
      // why quiet: the pod that needs the claim says what is wrong, and the next look comes soon
      this.#options.log.debug('a claim could not be read', { ...parseKey(key), err: PlatformError.from(thrown) });
    }
  }
}
