import { persistentVolumeClaims } from '#api/resources.ts';
import type { Client } from '#machinery/client/client.ts';

/** Sees when claims of a namespace become Bound. */
export class BoundClaims {
  /** When each claim was first seen Bound, milliseconds of `performance.now()`, by name. */
  readonly atMs = new Map<string, number>();
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();
  #following: Promise<void> = Promise.resolve();
  #hasEnded = false;

  /** Watches from now on. */
  static async start(client: Client, namespace: string): Promise<BoundClaims> {
    const { metadata } = await client.list(persistentVolumeClaims, { namespace });
    const bound = new BoundClaims();
    bound.#following = bound.#follow(client, { namespace, resourceVersion: metadata.resourceVersion }).finally(() => {
      bound.#hasEnded = true;
    });
    return bound;
  }

  /** Resolves as soon as `count` claims were seen Bound. @throws Error where the watch ends before */
  async until(count: number): Promise<void> {
    while (this.atMs.size < count) {
      if (this.#hasEnded) throw new Error(`the watch has ended with ${this.atMs.size} of ${count} claims Bound`);
      await Promise.race([this.#following, new Promise<void>((resolve) => this.#waiting.add(resolve))]);
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  async #follow(client: Client, from: { readonly namespace: string; readonly resourceVersion: string }): Promise<void> {
    for await (const event of client.watch(persistentVolumeClaims, { ...from, signal: this.#abort.signal })) {
      if (event.type === 'BOOKMARK' || event.object.status?.phase !== 'Bound' || this.atMs.has(event.object.metadata.name)) continue;
      this.atMs.set(event.object.metadata.name, performance.now());
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    }
  }
}
