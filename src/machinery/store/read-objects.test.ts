import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '#kit/log.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { openStore } from './open-store.ts';
import { readObjects } from './read-objects.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import type { Store, StoreKey } from './store.ts';

describe('readObjects', () => {
  let directory: string;
  let store: Store;
  const keyOf = (name: string): StoreKey => ({ resource: 'configmaps', namespace: 'default', name });
  const put = (name: string, data: string): Promise<unknown> =>
    store.write(keyOf(name), () => ({
      action: 'put',
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: `uid-${name}` }, data },
    }));
  const read = (): unknown[] =>
    [...readObjects(directory)].map(({ key, bytes }) => [key.name, JSON.parse(Buffer.from(bytes).toString())['data']]);

  beforeEach(async () => {
    directory = mkdtempSync(path.join(tmpdir(), 'stowage-read-'));
    store = await openStore({ engine: new SqliteEngine({ directory }), clock: new FakeClock(), log: silentLogger });
    await put('a', 'old');
    await put('b', 'kept');
    await put('gone', 'x');
    await put('a', 'new');
    await store.write(keyOf('gone'), () => ({ action: 'delete' }));
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  it('reads what is current while the store is open, and the store goes on', async () => {
    const expected = [
      ['a', 'new'],
      ['b', 'kept'],
    ];
    expect(read()).toEqual(expected);
    await put('c', 'later');
    expect(read()).toEqual([...expected, ['c', 'later']]);
  });

  it('reads a store that was closed', async () => {
    await store.close();
    expect(read()).toHaveLength(2);
  });

  it('names the file that is not there', () => {
    expect(() => [...readObjects(path.join(directory, 'nothing'))]).toThrow(expect.objectContaining({ reason: 'StoreDirectoryRefused' }));
  });
});
