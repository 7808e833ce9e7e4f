import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FaultyEngine } from '#testing/faulty-engine.ts';
import { aStore, deleteKey, putValue, recordWatch, valueOf, type RecordedWatch } from '#testing/store-fixtures.ts';
import { StoreFailed } from './store-errors.ts';
import type { Store, StoreCursor, StoreKey, StoreScope } from './store.ts';

/**
 * Random interleavings of writes, refusing disks, restarts, watches and pages against a model that is plainly right:
 * a list of all changes, from which every state and every event stream follows.
 */
type Write = { readonly key: StoreKey; readonly action: 'put' | 'delete' | 'keep' | 'refuse' };
type Step =
  | { readonly step: 'write'; readonly writes: readonly Write[]; readonly failures: number }
  | { readonly step: 'reopen' }
  | { readonly step: 'watch'; readonly scope: StoreScope; readonly back: number }
  | { readonly step: 'unwatch' }
  | { readonly step: 'page'; readonly scope: StoreScope; readonly limit: number }
  | { readonly step: 'turn' };

interface Change {
  readonly revision: number;
  readonly id: string;
  readonly key: StoreKey;
  /** undefined = deleted. */
  readonly value: unknown;
}

const LIMITS = { batchRecords: 3, minEvents: 6, maxEvents: 8, compactStep: 3 };
const KEYS = fc.record({
  resource: fc.constantFrom('configmaps', 'secrets'),
  namespace: fc.constantFrom('', 'a', 'b'),
  name: fc.constantFrom('p', 'q', 'r', 's'),
});
const SCOPES: fc.Arbitrary<StoreScope> = fc.record({
  resource: fc.constantFrom('configmaps', 'secrets'),
  namespace: fc.constantFrom(undefined, '', 'a', 'b'),
});
const WRITE: fc.Arbitrary<Write> = fc.record({ key: KEYS, action: fc.constantFrom('put', 'put', 'put', 'delete', 'keep', 'refuse') });
const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      step: fc.constant('write' as const),
      writes: fc.array(WRITE, { maxLength: 8 }),
      failures: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ step: 'reopen' as const }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('watch' as const), scope: SCOPES, back: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.constant({ step: 'unwatch' as const }) },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('page' as const), scope: SCOPES, limit: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.constant({ step: 'turn' as const }) },
);

/** Makes the model's and the store's runs of one case. */
class Run {
  readonly #engine = new FaultyEngine();
  readonly #changes: Change[] = [];
  readonly #watches: { readonly scope: StoreScope; readonly after: number; readonly recorded: RecordedWatch }[] = [];
  #pages:
    | {
        readonly scope: StoreScope;
        readonly limit: number;
        readonly revision: number;
        readonly seen: string[];
        cursor: StoreCursor | undefined;
      }
    | undefined;
  #store: Store;
  #counter = 0;

  private constructor(store: Store) {
    this.#store = store;
  }

  static async execute(steps: readonly Step[]): Promise<void> {
    const run = new Run(await aStore(new FaultyEngine(), LIMITS));
    await run.#reopen();
    for (const step of steps) await run.#take(step);
    await run.#reopen();
  }

  async #take(step: Step): Promise<void> {
    switch (step.step) {
      case 'write':
        await this.#write(step.writes, step.failures);
        break;
      case 'reopen':
        await this.#reopen();
        break;
      case 'watch':
        this.#watch(step.scope, step.back);
        break;
      case 'unwatch':
        this.#watches.shift()?.recorded.watch.close();
        break;
      case 'page':
        this.#pages = { scope: step.scope, limit: step.limit, revision: this.#store.revision, seen: [], cursor: undefined };
        this.#turnPage();
        break;
      case 'turn':
        this.#turnPage();
        break;
    }
    this.#check();
  }

  async #write(writes: readonly Write[], failures: number): Promise<void> {
    this.#engine.failNext(failures);
    const answers = await Promise.allSettled(writes.map((write) => this.#begin(write)));
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason instanceof StoreFailed || answer.reason === REFUSED).toBe(true);
    const stored = answers.flatMap((answer, at) => {
      const write = writes[at];
      if (write === undefined || answer.status === 'rejected' || answer.value === undefined) return [];
      const { revision } = answer.value;
      const isNew = (write.action === 'put' || write.action === 'delete') && revision > (this.#changes.at(-1)?.revision ?? 0);
      return isNew
        ? [{ revision, key: write.key, id: idOf(write.key), value: write.action === 'delete' ? undefined : valueOf(answer.value) }]
        : [];
    });
    this.#changes.push(...stored.sort((a, b) => a.revision - b.revision));
    this.#engine.failNext(0);
  }

  #begin({ key, action }: Write): Promise<ReturnType<Store['get']>> {
    this.#counter += 1;
    const value = this.#counter;
    if (action === 'put') return putValue(this.#store, key, value);
    if (action === 'delete') return deleteKey(this.#store, key);
    return this.#store.write(key, () => {
      if (action === 'refuse') throw REFUSED;
      return { action: 'keep' };
    });
  }

  async #reopen(): Promise<void> {
    await this.#store.close();
    for (const { recorded } of this.#watches) expect(recorded.isEnded).toBe(true);
    this.#watches.length = 0;
    this.#store = await aStore(this.#engine, LIMITS);
    this.#check();
  }

  #watch(scope: StoreScope, back: number): void {
    const after = Math.max(this.#store.compactedRevision, this.#store.revision - back);
    this.#watches.push({ scope, after, recorded: recordWatch(this.#store, scope, after) });
  }

  #turnPage(): void {
    const pages = this.#pages;
    if (pages === undefined) return;
    if (pages.revision < this.#store.compactedRevision) {
      this.#pages = undefined;
      return;
    }
    const page = this.#store.list(pages.scope, { limit: pages.limit, ...(pages.cursor === undefined ? {} : { cursor: pages.cursor }) });
    const want = this.#stateAt(pages.revision, pages.scope);
    pages.seen.push(...page.entries.map((entry) => `${idOf(entry.key)}=${String(valueOf(entry))}`));
    expect(pages.seen).toEqual(want.slice(0, pages.seen.length));
    expect([page.revision, page.remaining]).toEqual([pages.revision, want.length - pages.seen.length]);
    pages.cursor = page.next;
    if (page.next === undefined) this.#pages = undefined;
  }

  /** `id=value` of the scope in key order, as of `revision`. */
  #stateAt(revision: number, scope: StoreScope): string[] {
    const state = new Map<string, unknown>();
    for (const change of this.#changes) {
      if (change.revision > revision || !covers(scope, change.key)) continue;
      if (change.value === undefined) state.delete(change.id);
      else state.set(change.id, change.value);
    }
    return [...state].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, value]) => `${id}=${String(value)}`);
  }

  #check(): void {
    expect(this.#changes.map(({ revision }) => revision)).toEqual(this.#changes.map((_, at) => at + 1));
    expect(this.#store.revision).toBe(this.#changes.length);
    for (const resource of ['configmaps', 'secrets']) {
      const entries = this.#store.list({ resource }).entries.map((entry) => `${idOf(entry.key)}=${String(valueOf(entry))}`);
      expect(entries).toEqual(this.#stateAt(Infinity, { resource }));
      expect(this.#store.count({ resource })).toBe(entries.length);
    }
    for (const { scope, after, recorded } of this.#watches) {
      const want = this.#changes.filter(({ revision, key }) => revision > after && covers(scope, key));
      expect(
        recorded.events.map((event) => [
          event.revision,
          idOf(event.entry.key),
          event.type === 'DELETED' ? undefined : valueOf(event.entry),
        ]),
      ).toEqual(want.map(({ revision, id, value }) => [revision, id, value]));
      for (const event of recorded.events) {
        const before = this.#changes.findLast(({ id, revision }) => id === idOf(event.entry.key) && revision < event.revision)?.value;
        expect([event.type === 'ADDED', valueOf(event.previous)]).toEqual([before === undefined, before]);
      }
    }
  }
}

const REFUSED = new Error('refused by the writer');

function idOf(key: StoreKey): string {
  return `${key.resource}/${key.namespace}/${key.name}`;
}

function covers(scope: StoreScope, key: StoreKey): boolean {
  return scope.resource === key.resource && (scope.namespace === undefined || scope.namespace === key.namespace);
}

it('API-4: agrees with the list of all changes under any interleaving of writes, failures, restarts, watches and pages', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { maxLength: 60, size: 'max' }), (steps) => Run.execute(steps)),
    { numRuns: 200 },
  );
});
