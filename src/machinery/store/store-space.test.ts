import { describe, expect, it } from 'vitest';
import { openStore } from './open-store.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { silentLogger } from '#kit/log.ts';
import { costOf } from './store-space.ts';
import type { Engine, LogRecord, Store, StoredJson } from './store.ts';

const KIB = 1024;
const BUDGET = 64 * KIB;

function anObject(name: string, sizeBytes: number, metadata: object = {}): StoredJson {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, uid: name, ...metadata }, data: { a: 'x'.repeat(sizeBytes) } };
}

/** A disk that goes on after its store. */
class KeptEngine extends MemoryEngine {
  readonly #records: LogRecord[] = [];

  override load(): ReturnType<Engine['load']> {
    return Promise.resolve({ compactedRevision: 0, records: this.#records });
  }

  override append(records: readonly LogRecord[] = []): Promise<void> {
    this.#records.push(...records);
    return Promise.resolve();
  }
}

const keyOf = (name: string) => ({ resource: 'configmaps', namespace: '', name });
const put = (store: Store, object: StoredJson) => store.write(keyOf(object.metadata.name), () => ({ action: 'put', object }));
const remove = (store: Store, name: string) => store.write(keyOf(name), () => ({ action: 'delete' }));
const open = (engine: Engine = new MemoryEngine()) =>
  openStore({ engine, clock: new FakeClock(), log: silentLogger, limits: { budgetBytes: BUDGET } });

/** A store with objects of 8 KiB that takes no further one. */
async function aFullStore(): Promise<Store> {
  const store = await open();
  for (let count = 0; count < 6; count += 1) await put(store, anObject(`o${count}`, 8 * KIB));
  await put(store, anObject('rest', BUDGET - store.space.usedBytes - 1_300));
  await expect(put(store, anObject('more', 8 * KIB))).rejects.toMatchObject({ reason: 'StoreFull', code: 'ResourceExhausted' });
  return store;
}

describe('API-4: what objects may take', () => {
  it('counts what is there, whatever is written over it or deleted', async () => {
    const store = await open();
    const first = await put(store, anObject('a', 100));
    await put(store, anObject('b', 5_000));
    const changed = await put(store, anObject('b', 50));
    expect(store.space.usedBytes).toBe(costOf(first ?? { bytes: Buffer.of() }) + costOf(changed ?? { bytes: Buffer.of() }));
    await remove(store, 'a');
    await remove(store, 'b');
    expect(store.space).toEqual({ usedBytes: 0, budgetBytes: BUDGET });
  });

  it('counts writes that wait for the same commit', async () => {
    const store = await open();
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => put(store, anObject(`o${index}`, 8 * KIB))));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(7);
    expect(store.space.usedBytes).toBeLessThanOrEqual(BUDGET);
  });

  it.each([
    { name: 'a new object', act: (store: Store) => put(store, anObject('new', 1_000)), isTaken: false },
    { name: 'much more of one', act: (store: Store) => put(store, anObject('o1', 12 * KIB)), isTaken: false },
    { name: 'a little more of one', act: (store: Store) => put(store, anObject('o1', 8 * KIB + 900)), isTaken: true },
    { name: 'the same again', act: (store: Store) => put(store, anObject('o1', 8 * KIB)), isTaken: true },
    { name: 'less of one', act: (store: Store) => put(store, anObject('o1', 10)), isTaken: true },
    {
      name: 'the beginning of a deletion',
      act: (store: Store) => put(store, anObject('o1', 8 * KIB + 2_000, { deletionTimestamp: '2026-01-01T00:00:00Z' })),
      isTaken: true,
    },
    { name: 'a deletion', act: (store: Store) => remove(store, 'o1'), isTaken: true },
  ])('when full: $name is taken: $isTaken', async ({ act, isTaken }) => {
    const store = await aFullStore();
    const before = store.revision;
    const [outcome] = await Promise.allSettled([act(store)]);
    expect(outcome.status).toBe(isTaken ? 'fulfilled' : 'rejected');
    expect(store.revision).toBe(before + (isTaken ? 1 : 0));
  });

  it('lets small growth use no more than its reserve', async () => {
    const store = await aFullStore();
    let taken = 0;
    for (let sizeBytes = 8 * KIB; sizeBytes < 64 * KIB; sizeBytes += 900) {
      const [outcome] = await Promise.allSettled([put(store, anObject('o1', sizeBytes))]);
      taken += outcome.status === 'fulfilled' ? 1 : 0;
    }
    expect(taken).toBeGreaterThan(1);
    expect(store.space.usedBytes).toBeLessThanOrEqual(BUDGET * 1.125);
  });

  it('says that it is full, until there is room again', async () => {
    const store = await aFullStore();
    expect(store.isFull).toBe(true);
    await remove(store, 'o1');
    expect(store.isFull).toBe(false);
    await put(store, anObject('new', 4 * KIB));
  });

  it('opens with more than it may take, and takes nothing but deletions then', async () => {
    const engine = new KeptEngine();
    const store = await openStore({ engine, clock: new FakeClock(), log: silentLogger });
    for (let count = 0; count < 20; count += 1) await put(store, anObject(`o${count}`, 8 * KIB));
    const small = await open(engine);
    expect(small.count({ resource: 'configmaps' })).toBe(20);
    await expect(put(small, anObject('new', 10))).rejects.toMatchObject({ reason: 'StoreFull' });
    await remove(small, 'o1');
  });
});
