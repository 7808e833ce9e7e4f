import { beforeEach, describe, expect, it } from 'vitest';
import { aStore, aStoreKey, deleteKey, putValue, valueOf } from '#testing/store-fixtures.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { RevisionCompacted, RevisionInFuture } from './store-errors.ts';
import type { Store, StoreCursor, StorePage, StoreScope } from './store.ts';

const SCOPE = { resource: 'configmaps' };

function shown(page: StorePage): string[] {
  return page.entries.map((entry) => `${entry.key.namespace}/${entry.key.name}=${String(valueOf(entry))}`);
}

function nextPage(store: Store, page: StorePage, scope: StoreScope = SCOPE): StorePage {
  const { next } = page;
  return store.list(scope, { limit: 2, ...(next === undefined ? {} : { cursor: next }) });
}

describe('lists of the store', () => {
  let store: Store;

  beforeEach(async () => {
    store = await aStore(new MemoryEngine(), { minEvents: 16, maxEvents: 16 });
    for (const name of ['c', 'a', 'b']) await putValue(store, aStoreKey(name, { namespace: 'y' }), 1);
    for (const name of ['z', 'a']) await putValue(store, aStoreKey(name, { namespace: 'x' }), 1);
    await putValue(store, aStoreKey('s', { resource: 'secrets' }), 1);
  });

  it.each([
    { name: 'everything by namespace, then name', scope: SCOPE, want: ['x/a=1', 'x/z=1', 'y/a=1', 'y/b=1', 'y/c=1'] },
    { name: 'one namespace', scope: { ...SCOPE, namespace: 'x' }, want: ['x/a=1', 'x/z=1'] },
    { name: 'an unknown namespace', scope: { ...SCOPE, namespace: 'xx' }, want: [] },
    { name: 'an unknown resource', scope: { resource: 'pods' }, want: [] },
  ])('show $name', ({ scope, want }) => {
    const page = store.list(scope);
    expect([shown(page), page.revision, page.remaining, page.next]).toEqual([want, 6, 0, undefined]);
    expect(store.count(scope)).toBe(want.length);
  });

  it('come in pages that tell how many follow', () => {
    const first = store.list(SCOPE, { limit: 2 });
    const second = nextPage(store, first);
    const third = nextPage(store, second);
    expect([first, second, third].map((page) => [shown(page), page.remaining])).toEqual([
      [['x/a=1', 'x/z=1'], 3],
      [['y/a=1', 'y/b=1'], 1],
      [['y/c=1'], 0],
    ]);
    expect(third.next).toBeUndefined();
    expect(store.list({ ...SCOPE, namespace: 'y' }, { limit: 2 }).remaining).toBe(1);
    expect(shown(store.list(SCOPE, { limit: 0 })).length).toBe(5);
  });

  it('API-4: show one revision on all pages while writes go on', async () => {
    const first = store.list(SCOPE, { limit: 2 });
    await putValue(store, aStoreKey('b', { namespace: 'y' }), 'changed');
    await putValue(store, aStoreKey('b', { namespace: 'y' }), 'changed again');
    await deleteKey(store, aStoreKey('a', { namespace: 'y' }));
    await deleteKey(store, aStoreKey('a', { namespace: 'x' }));
    await putValue(store, aStoreKey('bb', { namespace: 'y' }), 'new');
    await putValue(store, aStoreKey('short', { namespace: 'z' }), 'new');
    await deleteKey(store, aStoreKey('short', { namespace: 'z' }));
    const second = nextPage(store, first);
    const third = nextPage(store, second);
    expect([second, third].map((page) => [shown(page), page.revision, page.remaining])).toEqual([
      [['y/a=1', 'y/b=1'], 6, 1],
      [['y/c=1'], 6, 0],
    ]);
    expect(shown(store.list(SCOPE))).toEqual(['x/z=1', 'y/b=changed again', 'y/bb=new', 'y/c=1']);
  });

  it('can be continued after a namespace is gone', async () => {
    const first = store.list(SCOPE, { limit: 2 });
    for (const name of ['a', 'b', 'c']) await deleteKey(store, aStoreKey(name, { namespace: 'y' }));
    expect(shown(nextPage(store, first))).toEqual(['y/a=1', 'y/b=1']);
    expect(shown(store.list(SCOPE, { limit: 2, cursor: { revision: store.revision, afterNamespace: 'x', afterName: 'a' } }))).toEqual([
      'x/z=1',
    ]);
  });

  it('refuse a cursor whose revision is not kept, or not written', async () => {
    const { next } = store.list(SCOPE, { limit: 2 });
    for (let at = 0; at < 20; at += 1) await putValue(store, aStoreKey('busy'), at);
    const cursor: StoreCursor = next ?? { revision: 0, afterNamespace: '', afterName: '' };
    expect(() => store.list(SCOPE, { limit: 2, cursor })).toThrow(RevisionCompacted);
    expect(() => store.list(SCOPE, { limit: 2, cursor: { ...cursor, revision: store.revision + 1 } })).toThrow(RevisionInFuture);
  });
});
