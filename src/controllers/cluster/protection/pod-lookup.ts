import { claimKeysOfPod } from '#api/claim-facts.ts';
import { pods } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';
import { keepsClaims } from './plan.ts';

/**
 * Which claims of a namespace pods use, asked of the API itself: the cache may not know a pod yet that the scheduler has just placed.
 * Questions that come while one list is under way share the next one, so that a thousand deletions cost a few lists (upstream's batches per namespace).
 */
export class PodLookup {
  readonly #client: Client;
  readonly #running = new Map<string, Promise<unknown>>();
  readonly #next = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Keys (`namespace/name`) of the claims that pods with a node use, as of a moment after the call. */
  usedClaims(namespace: string): Promise<ReadonlySet<string>> {
    const planned = this.#next.get(namespace);
    if (planned !== undefined) return planned;
    const next = this.#startAfter(namespace, this.#running.get(namespace));
    this.#next.set(namespace, next);
    return next;
  }

  async #startAfter(namespace: string, before: Promise<unknown> | undefined): Promise<ReadonlySet<string>> {
    // why: a list that has begun already may miss what has happened since; its failure is its callers' business
    await before?.catch(() => {});
    this.#next.delete(namespace);
    const list = this.#list(namespace);
    this.#running.set(namespace, list);
    try {
      return await list;
    } finally {
      if (this.#running.get(namespace) === list) this.#running.delete(namespace);
    }
  }

  async #list(namespace: string): Promise<ReadonlySet<string>> {
    const { items } = await this.#client.list(pods, { namespace });
    return new Set(items.filter(keepsClaims).flatMap((pod) => claimKeysOfPod(pod)));
  }
}
