import { beforeEach, describe, expect, it } from 'vitest';
import { PlatformError } from '#kit/errors.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { FaultyEngine } from '#testing/faulty-engine.ts';
import { aStore, aStoredObject, aStoreKey, deleteKey, describeEvents, putValue, recordWatch, valueOf } from '#testing/store-fixtures.ts';
import { StoreBusy, StoreClosed, StoreDamaged, StoreFailed, StoreKeyMismatch } from './store-errors.ts';
import type { Store } from './store.ts';

const A = aStoreKey('a');
const B = aStoreKey('b');
const SCOPE = { resource: 'configmaps' };

describe('writes of the store', () => {
  let engine: FaultyEngine;
  let store: Store;
  let clock: FakeClock;

  beforeEach(async () => {
    engine = new FaultyEngine();
    clock = new FakeClock();
    store = await aStore(engine, {}, clock);
  });

  it('starts empty at revision 0', () => {
    expect({ revision: store.revision, compacted: store.compactedRevision, count: store.count(SCOPE) }).toEqual({
      revision: 0,
      compacted: 0,
      count: 0,
    });
    expect(store.list(SCOPE)).toEqual({ entries: [], revision: 0, remaining: 0 });
  });

  it('stores an object with its revision as resourceVersion, serialised once and frozen', async () => {
    const entry = await putValue(store, A, 'x');
    expect(entry?.object).toEqual({ ...aStoredObject(A, 'x'), metadata: { ...aStoredObject(A, 'x').metadata, resourceVersion: '1' } });
    expect(JSON.parse(String(entry?.bytes))).toEqual(entry?.object);
    expect(store.get(A)).toBe(entry);
    expect(Object.isFrozen(entry?.object['data'])).toBe(true);
  });

  it('gives consecutive revisions and uses none for keep, for a refusal, or for deleting what is not there', async () => {
    await putValue(store, A, 1);
    expect(await store.write(A, () => ({ action: 'keep' }))).toBe(store.get(A));
    expect(await store.write(B, () => ({ action: 'keep' }))).toBeUndefined();
    expect(await deleteKey(store, B)).toBeUndefined();
    await expect(
      store.write(A, () => {
        throw new PlatformError({ code: 'Aborted', reason: 'Conflict', message: 'no' });
      }),
    ).rejects.toThrow('no');
    expect(store.revision).toBe(1);
    expect((await putValue(store, B, 2))?.revision).toBe(2);
  });

  it('answers a delete with the last state at the revision of the deletion', async () => {
    await putValue(store, A, 'x');
    const gone = await deleteKey(store, A);
    expect([gone?.revision, gone?.object.metadata['resourceVersion'], valueOf(gone)]).toEqual([2, '2', 'x']);
    expect([store.get(A), store.count(SCOPE), store.revision]).toEqual([undefined, 0, 2]);
  });

  it.each([
    { name: 'name', object: aStoredObject(B, 1) },
    { name: 'namespace', object: aStoredObject(aStoreKey('a', { namespace: 'other' }), 1) },
    { name: 'missing namespace', object: aStoredObject(aStoreKey('a', { namespace: '' }), 1) },
  ])('refuses an object with a wrong $name', async ({ object }) => {
    await expect(store.write(A, () => ({ action: 'put', object }))).rejects.toThrow(StoreKeyMismatch);
    expect(store.revision).toBe(0);
  });

  it('decides in order of arrival on the newest state, queued writes included, in one commit', async () => {
    const seen: unknown[] = [];
    const increment = (): Promise<unknown> =>
      store.write(A, (current) => {
        seen.push(valueOf(current));
        return { action: 'put', object: aStoredObject(A, Number(valueOf(current) ?? 0) + 1) };
      });
    await Promise.all([increment(), increment(), increment()]);
    expect(seen).toEqual([undefined, 1, 2]);
    expect([valueOf(store.get(A)), store.revision, engine.commits]).toEqual([3, 3, [3]]);
  });

  it('API-4: shows and answers nothing before it is durable', async () => {
    const recorded = recordWatch(store, SCOPE, 0);
    const release = engine.hold();
    const answers: string[] = [];
    const refuse = store.write(A, () => ({ action: 'put', object: aStoredObject(A, 1) })).then(() => answers.push('put'));
    const keep = store.write(A, () => ({ action: 'keep' })).then(() => answers.push('keep'));
    const conflict = store
      .write(A, (current) => {
        throw new Error(`there is ${String(valueOf(current))}`);
      })
      .catch((error: unknown) => answers.push(String(error)));
    await settle();
    expect([answers, recorded.events, store.get(A), store.revision, store.count(SCOPE)]).toEqual([[], [], undefined, 0, 0]);
    release();
    await Promise.all([refuse, keep, conflict]);
    expect(answers).toEqual(['put', 'keep', 'Error: there is 1']);
    expect(describeEvents(recorded.events)).toEqual(['ADDED a@1 1']);
  });

  it('gathers the next batch while a commit runs, and bounds a batch by records', async () => {
    store = await aStore(engine, { batchRecords: 4 });
    const writes = Array.from({ length: 10 }, (_, at) => putValue(store, aStoreKey(`k${at}`), at));
    await Promise.all(writes);
    expect(engine.commits).toEqual([4, 4, 2]);
  });

  it('bounds a batch by bytes, and takes an object larger than the bound', async () => {
    store = await aStore(engine, { batchBytes: 1_000 });
    await Promise.all(Array.from({ length: 4 }, (_, at) => putValue(store, aStoreKey(`k${at}`), 'x'.repeat(600))));
    await putValue(store, A, 'x'.repeat(5_000));
    expect(engine.commits).toEqual([2, 2, 1]);
  });

  describe('that can wait for those that can not', () => {
    const write = (name: string, canWait: boolean): Promise<unknown> => {
      const key = aStoreKey(name);
      return store.write(key, () => ({ action: 'put', object: aStoredObject(key, 1) }), { canWait });
    };
    const waiting = async (name: string): Promise<{ isDone: boolean }> => {
      const state = { isDone: false };
      void write(name, true).then(() => (state.isDone = true));
      await settle();
      return state;
    };

    it('are written at once while nobody else writes', async () => {
      expect(await waiting('a')).toEqual({ isDone: true });
    });

    const inARow = async (): Promise<void> => {
      for (let index = 0; index < 3; index += 1) await write('a', false);
    };

    it('are written at once after one alone: its client waits for what controllers make of it', async () => {
      await write('a', false);
      await write('a', false);
      expect(await waiting('b')).toEqual({ isDone: true });
    });

    it('share the commit of the next one that can not, where those are written in a row', async () => {
      await inARow();
      const [b, c] = [await waiting('b'), await waiting('c')];
      expect([b.isDone, c.isDone]).toEqual([false, false]);
      await write('d', false);
      expect([b.isDone, c.isDone]).toEqual([true, true]);
      expect(engine.commits.slice(-1)).toEqual([3]);
    });

    it('wait for nobody longer than 3 ms, nor at all where the last one was long ago', async () => {
      await inARow();
      const late = await waiting('b');
      await clock.step(3);
      await settle();
      expect(late.isDone).toBe(true);
      await clock.step(5);
      expect(await waiting('c')).toEqual({ isDone: true });
    });

    it('are written at once where they are many, and before the store closes', async () => {
      await write('a', false);
      const many = Array.from({ length: 64 }, (_, index) => write(`n-${index}`, true));
      await Promise.all(many);
      await write('b', false);
      const last = write('c', true);
      // why no step of the clock: a store that closes waits for nobody
      await Promise.all([last, store.close()]);
    });
  });

  it('refuses more waiting writes than its bound', async () => {
    store = await aStore(engine, { queuedWrites: 2 });
    const queued = [putValue(store, A, 1), putValue(store, B, 1)];
    await expect(putValue(store, A, 2)).rejects.toThrow(StoreBusy);
    await Promise.all(queued);
    expect((await putValue(store, A, 2))?.revision).toBe(3);
  });
});

describe('a disk that refuses', () => {
  it('fails every writer of the batch, those who built on it too, changes nothing and burns no revision', async () => {
    const engine = new FaultyEngine();
    const store = await aStore(engine);
    await putValue(store, A, 'old');
    const recorded = recordWatch(store, SCOPE, store.revision);
    engine.failNext(1);
    const results = await Promise.allSettled([
      putValue(store, A, 'new'),
      store.write(A, () => ({ action: 'keep' })),
      deleteKey(store, A),
      putValue(store, B, 1),
      store.write(aStoreKey('c'), () => ({ action: 'keep' })),
    ]);
    const reasons = results.map((result) => (result.status === 'rejected' ? result.reason : 'done'));
    expect(reasons.map((reason) => (reason instanceof StoreFailed ? 'failed' : reason))).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
      'done',
    ]);
    expect(String(reasons[0])).toMatch(/free some space/);
    expect([store.revision, valueOf(store.get(A)), store.get(B), recorded.events]).toEqual([1, 'old', undefined, []]);
    expect(store.isRefusing).toBe(true);
    expect((await putValue(store, B, 2))?.revision).toBe(2);
    expect(store.isRefusing).toBe(false);
    expect(describeEvents(recorded.events)).toEqual(['ADDED b@2 2']);
  });

  it('fails only the batch: writes behind it are decided again on what is durable', async () => {
    const engine = new FaultyEngine();
    const store = await aStore(engine, { batchRecords: 1 });
    engine.failNext(1);
    const results = await Promise.allSettled([
      putValue(store, A, 1),
      store.write(A, (current) => ({ action: 'put', object: aStoredObject(A, { saw: valueOf(current) }) })),
    ]);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled']);
    expect([valueOf(store.get(A)), store.revision]).toEqual([{}, 1]);
  });
});

describe('closing and opening', () => {
  it('writes what is queued, ends watches, closes the engine, refuses what comes later', async () => {
    const engine = new FaultyEngine();
    const store = await aStore(engine);
    const recorded = recordWatch(store, SCOPE, 0);
    const write = putValue(store, A, 1);
    const closed = store.close();
    await expect(putValue(store, B, 1)).rejects.toThrow(StoreClosed);
    expect(() => recordWatch(store, SCOPE, 0)).toThrow(StoreClosed);
    await Promise.all([write, closed, store.close()]);
    expect([recorded.events.length, recorded.isEnded, engine.isOpen]).toEqual([1, true, false]);
  });

  it('API-4: finds everything again, with revisions going on and events to resume from', async () => {
    const engine = new FaultyEngine();
    const before = await aStore(engine);
    await putValue(before, A, 1);
    await putValue(before, A, 2);
    await putValue(before, B, 1);
    await deleteKey(before, B);
    await before.close();
    const store = await aStore(engine);
    expect([store.revision, valueOf(store.get(A)), store.count(SCOPE)]).toEqual([4, 2, 1]);
    const { events } = recordWatch(store, SCOPE, 1);
    expect(describeEvents(events)).toEqual(['MODIFIED a@2 2', 'ADDED b@3 1', 'DELETED b@4 1']);
    expect(events.map(({ previous }) => valueOf(previous))).toEqual([1, undefined, 1]);
    expect((await putValue(store, A, 3))?.revision).toBe(5);
  });

  it('finds everything again after records were dropped, the states before kept events included', async () => {
    const engine = new FaultyEngine();
    const limits = { minEvents: 16, maxEvents: 16 };
    const before = await aStore(engine, limits);
    await putValue(before, B, 'stays');
    for (let at = 0; at < 1_100; at += 1) await putValue(before, A, at);
    await deleteKey(before, aStoreKey('none'));
    const { revision } = before;
    await before.close();
    expect(engine.compactions.length).toBe(1);
    const store = await aStore(engine, limits);
    expect([store.revision, valueOf(store.get(A)), valueOf(store.get(B))]).toEqual([revision, 1_099, 'stays']);
    const { events } = recordWatch(store, SCOPE, store.compactedRevision);
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect(Number(valueOf(event.previous))).toBe(Number(valueOf(event.entry)) - 1);
  });

  it('refuses a log with a gap and closes the engine', async () => {
    const engine = new FaultyEngine();
    const before = await aStore(engine);
    for (let at = 0; at < 3; at += 1) await putValue(before, A, at);
    await before.close();
    engine.lose(2);
    await expect(aStore(engine)).rejects.toThrow(StoreDamaged);
    expect(engine.isOpen).toBe(false);
  });
});
