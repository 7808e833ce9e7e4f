import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { aStore, aStoreKey, deleteKey, describeEvents, putValue, recordWatch } from '#testing/store-fixtures.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { RevisionCompacted, RevisionInFuture } from './store-errors.ts';
import type { StoreEvent } from './store.ts';

const A = aStoreKey('a');
const SCOPE = { resource: 'configmaps' };

describe('watches of the store', () => {
  it('bring each event of the scope once, in order, in the batch of its commit', async () => {
    const store = await aStore(new MemoryEngine());
    const all = recordWatch(store, SCOPE, 0);
    const namespaced = recordWatch(store, { ...SCOPE, namespace: 'other' }, 0);
    const secrets = recordWatch(store, { resource: 'secrets' }, 0);
    await Promise.all([
      putValue(store, A, 1),
      putValue(store, aStoreKey('b', { namespace: 'other' }), 1),
      putValue(store, aStoreKey('s', { resource: 'secrets' }), 1),
      putValue(store, A, 2),
    ]);
    await deleteKey(store, A);
    expect(describeEvents(all.events)).toEqual(['ADDED a@1 1', 'ADDED b@2 1', 'MODIFIED a@4 2', 'DELETED a@5 2']);
    expect(all.batches).toEqual([3, 1]);
    expect(describeEvents(namespaced.events)).toEqual(['ADDED b@2 1']);
    expect(describeEvents(secrets.events)).toEqual(['ADDED s@3 1']);
    expect(all.events.map(({ previous }) => previous?.revision)).toEqual([undefined, undefined, 1, 4]);
  });

  it('API-4: resume with what was missed in one batch, then go live without gap or repetition', async () => {
    const store = await aStore(new MemoryEngine());
    for (let at = 1; at <= 5; at += 1) await putValue(store, A, at);
    const resumed = recordWatch(store, SCOPE, 2);
    expect(resumed.batches).toEqual([3]);
    await putValue(store, A, 6);
    expect(resumed.events.map(({ revision }) => revision)).toEqual([3, 4, 5, 6]);
  });

  it('opened by another watcher in the middle of a delivery get each event once', async () => {
    const store = await aStore(new MemoryEngine());
    const inner: StoreEvent[] = [];
    let isOpen = false;
    store.watch(SCOPE, 0, {
      onEvents: (events) => {
        if (isOpen) return;
        isOpen = true;
        store.watch(SCOPE, (events[0]?.revision ?? 0) - 1, { onEvents: (batch) => inner.push(...batch), onClose: () => {} });
      },
      onClose: () => {},
    });
    await Promise.all([putValue(store, A, 1), putValue(store, A, 2)]);
    await putValue(store, A, 3);
    expect(inner.map(({ revision }) => revision)).toEqual([1, 2, 3]);
  });

  it('bring nothing after they are closed, and closing twice is fine', async () => {
    const store = await aStore(new MemoryEngine());
    const first = recordWatch(store, { ...SCOPE, namespace: 'default' }, 0);
    const second = recordWatch(store, { ...SCOPE, namespace: 'default' }, 0);
    await putValue(store, A, 1);
    first.watch.close();
    first.watch.close();
    await putValue(store, A, 2);
    expect([first.events.length, second.events.length]).toEqual([1, 2]);
  });

  it('that throw are ended, and the others and the writer do not notice', async () => {
    const store = await aStore(new MemoryEngine());
    let closes = 0;
    store.watch(SCOPE, 0, {
      onEvents: () => {
        throw new Error('broken');
      },
      onClose: () => {
        closes += 1;
      },
    });
    const other = recordWatch(store, SCOPE, 0);
    await putValue(store, A, 1);
    await putValue(store, A, 2);
    expect([closes, other.events.length]).toEqual([1, 2]);
  });

  it('refuse a revision that was not written yet', async () => {
    const store = await aStore(new MemoryEngine());
    await putValue(store, A, 1);
    expect(() => recordWatch(store, SCOPE, 2)).toThrow(RevisionInFuture);
  });
});

describe('the event window', () => {
  it.each([
    {
      name: 'never fewer than minEvents, however old',
      limits: { minEvents: 16, maxEvents: 1_000 },
      ageMs: 3_600_000,
      writes: 100,
      keeps: 16,
    },
    { name: 'young events beyond minEvents', limits: { minEvents: 16, maxEvents: 1_000 }, ageMs: 0, writes: 100, keeps: 100 },
    { name: 'no more than maxEvents, however young', limits: { minEvents: 16, maxEvents: 50 }, ageMs: 0, writes: 100, keeps: 50 },
    { name: 'no more than maxEventBytes', limits: { minEvents: 16, maxEventBytes: 2_000 }, ageMs: 0, writes: 100, keeps: 14 },
    { name: 'the newest, even where it alone is too large', limits: { minEvents: 16, maxEventBytes: 1 }, ageMs: 0, writes: 3, keeps: 1 },
  ])('keeps $name', async ({ limits, ageMs, writes, keeps }) => {
    const clock = new FakeClock();
    const store = await aStore(new MemoryEngine(), limits, clock);
    for (let at = 1; at < writes; at += 1) await putValue(store, A, 'x');
    await clock.step(ageMs);
    await putValue(store, A, 'x');
    expect(store.revision - store.compactedRevision).toBe(keeps);
    expect(recordWatch(store, SCOPE, store.compactedRevision).events.length).toBe(keeps);
    expect(() => recordWatch(store, SCOPE, store.compactedRevision - 1)).toThrow(RevisionCompacted);
  });

  it('API-4: says 410 Expired for a revision that is gone', async () => {
    const store = await aStore(new MemoryEngine(), { minEvents: 1, maxEvents: 1 });
    await putValue(store, A, 1);
    await putValue(store, A, 2);
    expect(() => recordWatch(store, SCOPE, 0)).toThrow(expect.objectContaining({ code: 'OutOfRange', reason: 'Expired' }));
  });
});
