import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aStore, aStoreKey, putValue, valueOf } from '#testing/store-fixtures.ts';
import { SqliteEngine } from './sqlite-engine.ts';

const COMMITS = 40;

/**
 * What a power cut leaves where a disk lies about what it has written: a journal that ends early or has a wrong byte.
 * What was written whole before that place is there, in order and without a gap; nothing behind it is shown half.
 */
describe('a journal that ends early or is damaged', () => {
  let root: string;
  /** The database and its journal, as they lie there after a kill. */
  let left: string;
  /** Length of the journal after each commit. */
  const ends: number[] = [];
  let cases = 0;

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'store-journal-'));
    left = join(root, 'left');
    const directory = join(root, 'live');
    const store = await aStore(new SqliteEngine({ directory }));
    for (let at = 1; at <= COMMITS; at += 1) {
      await putValue(store, aStoreKey(`k${at % 7}`), { at, filler: 'x'.repeat((at * 97) % 2_000) });
      ends.push(readFileSync(join(directory, 'store.db-wal')).length);
    }
    mkdirSync(left);
    for (const name of ['store.db', 'store.db-wal']) copyFileSync(join(directory, name), join(left, name));
    await store.close();
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  async function revisionsAfter(change: (wal: Buffer) => Buffer): Promise<number> {
    cases += 1;
    const directory = join(root, `case-${cases}`);
    mkdirSync(directory, { mode: 0o700 });
    copyFileSync(join(left, 'store.db'), join(directory, 'store.db'));
    writeFileSync(join(directory, 'store.db-wal'), change(readFileSync(join(left, 'store.db-wal'))));
    const store = await aStore(new SqliteEngine({ directory }));
    const { revision } = store;
    for (const entry of store.list({ resource: 'configmaps' }).entries) expect(valueOf(entry)).toMatchObject({ at: entry.revision });
    expect(store.count({ resource: 'configmaps' })).toBe(Math.min(7, revision));
    // and it goes on from there
    expect((await putValue(store, aStoreKey('next'), 1))?.revision).toBe(revision + 1);
    await store.close();
    return revision;
  }

  it('API-4: keeps all commits before the place where it ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(ends.at(-1) ?? 0), async (length) => {
        // why at least one: the first commit made the file, and lies in the journal until it is carried over
        fc.pre(length >= (ends[0] ?? 0));
        expect(await revisionsAfter((wal) => wal.subarray(0, length))).toBe(ends.filter((end) => end <= length).length);
      }),
      { numRuns: 60 },
    );
  });

  it('API-4: keeps all commits before a wrong byte, and shows nothing of what follows', async () => {
    const from = ends[0] ?? 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: from, max: (ends.at(-1) ?? 0) - 1 }), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const revision = await revisionsAfter((wal) => {
          wal[at] = (wal[at] ?? 0) ^ mask;
          return wal;
        });
        expect(revision).toBe(ends.filter((end) => end <= at).length);
      }),
      { numRuns: 60 },
    );
  });
});
