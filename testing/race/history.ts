import { expect } from 'vitest';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { configMaps } from '#api/resources.ts';
import type { Client, WatchEvent } from '#machinery/client/client.ts';

/** A change as a watcher saw it. */
export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly object: ConfigMap;
}

/** Everything that happened to config maps after a revision, as one watcher sees it. */
export class History {
  readonly changes: Change[] = [];
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor(client: Client, afterRevision: number) {
    const events = client.watch(configMaps, { resourceVersion: String(afterRevision), signal: this.#abort.signal });
    this.#done = this.#read(events);
  }

  async #read(events: AsyncIterable<WatchEvent<ConfigMap>>): Promise<void> {
    for await (const event of events) {
      if (event.type === 'BOOKMARK') continue;
      this.changes.push({ type: event.type, revision: revisionOf(event.object), object: event.object });
    }
  }

  async end(): Promise<readonly Change[]> {
    this.#abort.abort();
    await this.#done;
    return this.changes;
  }
}

/** `metadata.resourceVersion` as a number: the embedded store counts revisions. */
export function revisionOf({ metadata }: ConfigMap): number {
  return Number(metadata.resourceVersion);
}

/** The objects that there are at `revision`, by name, by replaying what happened. */
export function stateAt(changes: readonly Change[], revision: number): ReadonlyMap<string, Change> {
  const state = new Map<string, Change>();
  for (const change of changes) {
    if (change.revision > revision) break;
    const { name } = change.object.metadata;
    if (change.type === 'DELETED') state.delete(name);
    else state.set(name, change);
  }
  return state;
}

/** The change before the one at `revision` of the object `name`; undefined where it did not exist then. */
export function before(changes: readonly Change[], name: string, revision: number): Change | undefined {
  return stateAt(changes, revision - 1).get(name);
}

/** What is true of every history: revisions only grow, and each object is added, changed and deleted in turn, under one uid. */
export function expectWellFormed(changes: readonly Change[]): void {
  const living = new Map<string, string>();
  let last = 0;
  for (const { type, revision, object } of changes) {
    expect(revision).toBeGreaterThan(last);
    last = revision;
    const { name, uid } = object.metadata;
    if (type === 'ADDED') expect(living.has(name)).toBe(false);
    else expect(living.get(name)).toBe(uid);
    if (type === 'DELETED') living.delete(name);
    else living.set(name, uid);
  }
}
