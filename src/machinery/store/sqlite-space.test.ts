import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aStore, aStoreKey, deleteKey, putValue } from '#testing/store-fixtures.ts';
import { SqliteEngine } from './sqlite-engine.ts';

const OBJECTS = 600;
const BYTES = 50_000;
/** What all objects together take, and the tenth that is left. */
const ALL = OBJECTS * BYTES;
const LIMITS = { minEvents: 10, maxEvents: 20, compactStep: 10 };

describe('the space of a store', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'store-space-')), 'store');
    file = join(directory, 'store.db');
  });
  afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

  async function fill(): Promise<void> {
    const store = await aStore(new SqliteEngine({ directory }), LIMITS);
    await Promise.all(Array.from({ length: OBJECTS }, (_, at) => putValue(store, aStoreKey(`k${at}`), 'x'.repeat(BYTES))));
    await store.close();
    expect(statSync(file).size).toBeGreaterThan(ALL);
  }

  async function deleteMost(): Promise<void> {
    const store = await aStore(new SqliteEngine({ directory }), LIMITS);
    for (let at = 0; at < OBJECTS * 0.9; at += 1) await deleteKey(store, aStoreKey(`k${at}`));
    await store.close();
  }

  it('is given back while writes go on, after most objects were deleted', async () => {
    await fill();
    await deleteMost();
    expect(statSync(file).size).toBeLessThan(ALL * 0.5);
    const store = await aStore(new SqliteEngine({ directory }));
    expect(store.count({ resource: 'configmaps' })).toBe(OBJECTS / 10);
    await store.close();
  });

  it('is given back at a start where the file comes from a version that could not', async () => {
    await fill();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA auto_vacuum = NONE; VACUUM; DELETE FROM log WHERE revision < 500; UPDATE compaction SET revision = 599');
    database.close();
    expect(statSync(file).size).toBeGreaterThan(ALL);
    const store = await aStore(new SqliteEngine({ directory }), LIMITS);
    expect(store.count({ resource: 'configmaps' })).toBe(OBJECTS - 499);
    await store.close();
    expect(statSync(file).size).toBeLessThan(ALL * 0.5);
  });
});
