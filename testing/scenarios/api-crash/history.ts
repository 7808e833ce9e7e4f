import { expect } from 'vitest';
import type { Seen } from './written-object.ts';

/** A change as a watcher sees it. */
export interface Change {
  readonly type: string;
  readonly seen: Seen;
}

/** Which objects a watcher looks at. */
export type Selects = (seen: Seen) => boolean;

/**
 * All changes of the namespace in order: what the first watcher saw, from which follows what everybody else must see.
 * What everybody has seen is folded into a state, so that it does not grow with the time of a campaign.
 */
export class History {
  readonly #state = new Map<string, Seen>();
  readonly #changes: Change[] = [];
  /** Revisions of the writes by their operation. */
  readonly #writes = new Map<string, number>();
  /** Revisions of the deletions by `name@revision` of what they deleted. */
  readonly #deletions = new Map<string, number>();
  readonly #newest = new Map<string, Seen>();
  #count = 0;

  /** How many changes there were. */
  get count(): number {
    return this.#count;
  }

  /** Takes the next change: in order, of the right type, and of a write that was not seen before. */
  add(change: Change): void {
    const { type, seen } = change;
    const before = this.#newest.get(seen.name);
    expect(seen.revision, `${type} ${seen.name} after others`).toBeGreaterThan(this.#changes.at(-1)?.seen.revision ?? 0);
    expect(type === 'ADDED', `${type} ${seen.name}@${seen.revision}`).toBe(before === undefined);
    if (type === 'DELETED') {
      const deleted = `${seen.name}@${before?.revision}`;
      expect(seen.operation).toBe(before?.operation);
      expect(this.#deletions.has(deleted), `${deleted} was deleted twice`).toBe(false);
      this.#deletions.set(deleted, seen.revision);
      this.#newest.delete(seen.name);
    } else {
      expect(this.#writes.has(seen.operation), `${seen.operation} was done twice`).toBe(false);
      this.#writes.set(seen.operation, seen.revision);
      this.#newest.set(seen.name, seen);
    }
    this.#changes.push(change);
    this.#count += 1;
  }

  /** Revision of the write or deletion; undefined where it was never done. */
  revisionOf(operation: string): number | undefined {
    return this.#writes.get(operation) ?? this.#deletions.get(operation);
  }

  /** Objects at a revision, as `name@revision` in order of names. */
  stateAt(revision: number, selects: Selects): string[] {
    const state = new Map(this.#state);
    for (const change of this.#changes) if (change.seen.revision <= revision) apply(state, change);
    return [...state.values()].filter(selects).map(formatSeen).sort();
  }

  /** What one who selects some of the objects sees of the changes in `(after, until]`. */
  seenBy(selects: Selects, after: number, until: number): string[] {
    const state = new Map(this.#state);
    const events: string[] = [];
    for (const change of this.#changes) {
      const { seen, type } = change;
      const before = state.get(seen.name);
      apply(state, change);
      if (seen.revision <= after || seen.revision > until) continue;
      const was = before !== undefined && selects(before);
      const is = type !== 'DELETED' && selects(seen);
      if (is) events.push(`${was ? 'MODIFIED' : 'ADDED'} ${formatSeen(seen)}`);
      else if (was) events.push(`DELETED ${formatSeen(seen)}`);
    }
    return events;
  }

  /** Forgets how the changes up to `revision` came about, but for the operations that may be sent again. */
  fold(revision: number, unsettled: ReadonlySet<string | undefined>): void {
    const kept = this.#changes.findIndex(({ seen }) => seen.revision > revision);
    for (const change of this.#changes.splice(0, kept < 0 ? this.#changes.length : kept)) apply(this.#state, change);
    for (const known of [this.#writes, this.#deletions])
      for (const [operation, at] of known) if (at <= revision && !unsettled.has(operation)) known.delete(operation);
  }
}

/** `name@revision`. */
export function formatSeen({ name, revision }: Seen): string {
  return `${name}@${revision}`;
}

function apply(state: Map<string, Seen>, { type, seen }: Change): void {
  if (type === 'DELETED') state.delete(seen.name);
  else state.set(seen.name, seen);
}
