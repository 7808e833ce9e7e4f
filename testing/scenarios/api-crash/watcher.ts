import { expect } from 'vitest';
import { isRecord } from '#kit/json.ts';
import { AnswerLost, type Connection } from './connection.ts';
import { formatSeen, type History, type Selects } from './history.ts';
import { part, readSeen, type Seen } from './written-object.ts';

/** What a watcher looks at, and how. */
export interface WatcherPlan {
  readonly name: string;
  /** Of the collection. */
  readonly path: string;
  /** Selectors, as in the query. */
  readonly query: string;
  readonly selects: Selects;
  /** Begins with all objects at each connection (watch-list), as clients from 1.35 on do; the others resume. */
  readonly isFresh?: boolean;
  /** Sleeps through some rounds, and resumes from an old revision. */
  readonly isSleepy?: boolean;
}

/** All objects at a revision, as `name@revision`. */
interface Snapshot {
  readonly revision: number;
  readonly objects: readonly string[];
}

/** A client that lists once, watches, and after each end of its watch resumes where it was. */
export class Watcher {
  readonly plan: WatcherPlan;
  readonly #onChange: ((type: string, seen: Seen) => void) | undefined;
  /** Everything up to here was seen; undefined before the first list. */
  #position: number | undefined;
  /** Up to here it was compared with the history. */
  #checked = 0;
  #events: string[] = [];
  #snapshots: Snapshot[] = [];
  #initial: Seen[] | undefined;
  /** Answers of 410, after which it listed again. */
  expired = 0;

  constructor(plan: WatcherPlan, onChange?: (type: string, seen: Seen) => void) {
    this.plan = plan;
    this.#onChange = onChange;
  }

  /** It has listed: from now on it misses nothing. */
  get hasBegun(): boolean {
    return this.#position !== undefined;
  }

  /** Everything up to here was compared with the history. */
  get checkedRevision(): number {
    return this.#checked;
  }

  /** Watches until the server is gone. */
  async work(connection: Connection): Promise<void> {
    try {
      if (this.#position === undefined && this.plan.isFresh !== true) await this.#list(connection);
      let isExpired: boolean;
      do {
        isExpired = await this.#watch(connection);
        if (isExpired) await this.#list(connection);
      } while (isExpired);
    } catch (error) {
      if (!(error instanceof AnswerLost)) throw error;
    }
  }

  /** Finds what it saw to be what the history says: each change once, in order. @throws AssertionError, also while events are under way */
  check(history: History, until: number): void {
    for (const { revision, objects } of this.#snapshots)
      expect(objects, this.plan.name).toEqual(history.stateAt(revision, this.plan.selects));
    const from = this.#snapshots.at(-1)?.revision ?? this.#checked;
    expect(this.#events, this.plan.name).toEqual(history.seenBy(this.plan.selects, from, until));
    this.#events = [];
    this.#snapshots = [];
    this.#checked = until;
  }

  async #list(connection: Connection): Promise<void> {
    const { status, body } = await connection.send({ method: 'GET', path: `${this.plan.path}?${this.plan.query}` });
    expect(status).toBe(200);
    const items = Array.isArray(body['items']) ? body['items'] : [];
    this.#begin(Number(part(body, 'metadata')['resourceVersion']), items.map(readSeen));
  }

  /** Answers whether the revision that it asked for was too old. */
  async #watch(connection: Connection): Promise<boolean> {
    const from =
      this.plan.isFresh === true ? 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan' : `resourceVersion=${this.#position}`;
    let isExpired = false;
    this.#initial = this.plan.isFresh === true ? [] : undefined;
    await connection.readLines(`${this.plan.path}?watch=true&allowWatchBookmarks=true&${from}&${this.plan.query}`, (line) => {
      if (line['type'] !== 'ERROR') this.#take(String(line['type']), line['object']);
      else {
        expect(line).toMatchObject({ object: { code: 410, reason: 'Expired' } });
        this.expired += 1;
        isExpired = true;
      }
    });
    return isExpired;
  }

  #take(type: string, object: unknown): void {
    if (type === 'BOOKMARK') {
      const metadata = part(object, 'metadata');
      const revision = Number(metadata['resourceVersion']);
      const annotations = metadata['annotations'];
      if (isRecord(annotations) && annotations['k8s.io/initial-events-end'] === 'true') this.#begin(revision, this.#initial ?? []);
      expect(revision, `bookmark of ${this.plan.name}`).toBeGreaterThanOrEqual(this.#position ?? 0);
      this.#position = revision;
      return;
    }
    const seen = readSeen(object);
    if (this.#initial !== undefined) {
      expect(type).toBe('ADDED');
      this.#initial.push(seen);
      return;
    }
    expect(seen.revision, `${type} ${seen.name} for ${this.plan.name}`).toBeGreaterThan(this.#position ?? 0);
    this.#position = seen.revision;
    this.#events.push(`${type} ${formatSeen(seen)}`);
    this.#onChange?.(type, seen);
  }

  #begin(revision: number, objects: readonly Seen[]): void {
    this.#initial = undefined;
    expect(revision, `the list of ${this.plan.name} is older than what was seen`).toBeGreaterThanOrEqual(this.#position ?? 0);
    this.#position = revision;
    // why: what came before the new beginning can be compared no more than what was missed
    this.#events = [];
    this.#snapshots.push({ revision, objects: objects.map(formatSeen).sort() });
  }
}
