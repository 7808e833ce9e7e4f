import type { EventWindow } from './event-window.ts';
import type { ObjectIndex, Position } from './object-index.ts';
import { formatStoreKey } from './stored-entry.ts';
import type { Entry, StoreCursor, StoreKey, StorePage, StoreScope } from './store.ts';

/** The durable state that pages are read from. */
export interface PageSource {
  readonly index: ObjectIndex;
  readonly window: EventWindow;
}

/** What is asked of a list; a `limit` of 0 means no limit, as in the Kubernetes API. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: StoreCursor;
}

/** Keys that changed since a revision, each with its entry at that revision (undefined where it did not exist). */
type PastStates = ReadonlyMap<string, { readonly key: StoreKey; readonly entry: Entry | undefined }>;

const EVERYTHING: PageRequest = { limit: 0 };

/**
 * A page at the cursor's revision: the current entries, with those that changed since then put back from the kept events.
 * @throws RevisionCompacted, RevisionInFuture
 */
export function readPage(source: PageSource, scope: StoreScope, request: PageRequest = EVERYTHING): StorePage {
  const { cursor } = request;
  const revision = cursor?.revision ?? source.window.revision;
  const position = cursor && { namespace: cursor.afterNamespace, name: cursor.afterName };
  const past = pastStates(source.window, scope, revision);
  const limit = request.limit > 0 ? request.limit : Infinity;
  const entries: Entry[] = [];
  for (const entry of entriesThen(source.index, { scope, position, past })) {
    if (entries.length === limit) break;
    entries.push(entry);
  }
  const remaining = countThen(source.index, { scope, position, past }) - entries.length;
  const last = entries.at(-1);
  if (remaining === 0 || last === undefined) return { entries, revision, remaining: 0 };
  return { entries, revision, remaining, next: { revision, afterNamespace: last.key.namespace, afterName: last.key.name } };
}

function pastStates(window: EventWindow, scope: StoreScope, revision: number): PastStates {
  const past = new Map<string, { key: StoreKey; entry: Entry | undefined }>();
  for (const event of window.after(revision, scope)) {
    const id = formatStoreKey(event.entry.key);
    // why only the first: it knows the state before all later ones
    if (!past.has(id)) past.set(id, { key: event.entry.key, entry: event.previous });
  }
  return past;
}

interface Range {
  readonly scope: StoreScope;
  readonly position: Position | undefined;
  readonly past: PastStates;
}

function* entriesThen(index: ObjectIndex, { scope, position, past }: Range): Generator<Entry> {
  const changed = [...past.values()]
    .flatMap(({ entry }) => (entry !== undefined && isAfter(entry.key, position) ? [entry] : []))
    .sort((a, b) => compareKeys(a.key, b.key));
  let next = 0;
  for (const entry of index.after(scope, position)) {
    if (past.size > 0 && past.has(formatStoreKey(entry.key))) continue;
    for (let old = changed[next]; old !== undefined && compareKeys(old.key, entry.key) < 0; old = changed[next]) {
      yield old;
      next += 1;
    }
    yield entry;
  }
  yield* changed.slice(next);
}

function countThen(index: ObjectIndex, { scope, position, past }: Range): number {
  let count = index.countAfter(scope, position);
  for (const { key, entry } of past.values()) {
    if (!isAfter(key, position)) continue;
    if (index.get(key) !== undefined) count -= 1;
    if (entry !== undefined) count += 1;
  }
  return count;
}

function isAfter(key: StoreKey, position: Position | undefined): boolean {
  return position === undefined || compareKeys(key, position) > 0;
}

function compareKeys(a: Position, b: Position): number {
  return compareTexts(a.namespace, b.namespace) || compareTexts(a.name, b.name);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
