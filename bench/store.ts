import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SystemClock } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import type { Store, StoredJson, StoreKey } from '#machinery/store/store.ts';
import { EtcdPeer } from './etcd.ts';
import type { BenchRow } from './row.ts';

const RESOURCE = 'persistentvolumeclaims';
/** Serialised size of a benchmark object, about that of a claim with managed fields. */
const OBJECT_BYTES = 1_500;
const WRITES = 8_000;
/** The largest of the stores holds a million objects, which is more than a platform takes by default. */
const BUDGET_BYTES = 8 * 1024 ** 3;
/** Writers that fill a store before something is measured. */
const FILLERS = 256;

/** Durable writes a second, what a write costs in a small and in a large store, memory per object, and the time to open. */
export async function runStoreBench(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const etcd = await EtcdPeer.start();
  try {
    for (const writers of [1, 8, 64]) {
      const tookMs = await withStore((store) => timed(() => write(store, { from: 0, count: WRITES, writers })));
      const peer = await etcd?.putsPerSec({ count: WRITES, writers, bytes: OBJECT_BYTES });
      rows.push({
        name: `store: durable writes, ${writers} at a time, ${OBJECT_BYTES} bytes each`,
        value: (WRITES / tookMs) * 1_000,
        unit: '/s',
        ...(peer === undefined ? {} : { peer: { name: 'etcd', value: Math.round(peer) } }),
      });
    }
  } finally {
    await etcd?.stop();
  }
  rows.push(...(await benchMemory(10_000)));
  for (const objects of [1_000, 10_000, 100_000, 1_000_000]) rows.push(...(await benchFilled(objects)));
  return rows;
}

async function benchMemory(objects: number): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'stowage-bench-'));
  try {
    await inStore(directory, (store) => write(store, { from: 0, count: objects, writers: FILLERS }));
    const before = await usedBytes();
    return await inStore(directory, async () => {
      const bytes = ((await usedBytes()) - before) / objects;
      return [
        {
          name: `store: memory per object of ${OBJECT_BYTES} bytes, with its event, ${objects} objects`,
          value: bytes / 1_024,
          unit: 'KiB',
        },
      ];
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function benchFilled(objects: number): Promise<readonly BenchRow[]> {
  const directory = mkdtempSync(path.join(tmpdir(), 'stowage-bench-'));
  const size = `${objects / 1_000}k objects`;
  try {
    const rows = await inStore(directory, async (store) => {
      await write(store, { from: 0, count: objects, writers: FILLERS });
      const createMs = await timed(() => write(store, { from: objects, count: WRITES, writers: 64 }));
      const updateMs = await timed(() => write(store, { from: 0, count: 1_000, writers: 64 }));
      const pageMs = await timed(() => Promise.resolve(store.list({ resource: RESOURCE }, { limit: 500 })));
      return [
        { name: `store: time per create among ${size}, 64 at a time`, value: (createMs / WRITES) * 1_000, unit: 'us' },
        { name: `store: time per update among ${size}, 64 at a time`, value: updateMs, unit: 'us' },
        { name: `store: first page of 500 among ${size}`, value: pageMs, unit: 'ms' },
      ];
    });
    const openMs = await timed(() => inStore(directory, () => Promise.resolve()));
    return [...rows, { name: `store: open and close with ${size}`, value: openMs, unit: 'ms' }];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(tmpdir(), 'stowage-bench-'));
  try {
    return await inStore(directory, work);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function inStore<T>(directory: string, work: (store: Store) => Promise<T>): Promise<T> {
  const limits = { budgetBytes: BUDGET_BYTES };
  const store = await openStore({ engine: new SqliteEngine({ directory }), clock: new SystemClock(), log: silentLogger, limits });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Writes `count` objects, `writers` at a time. */
async function write(
  store: Store,
  { from, count, writers }: { readonly from: number; readonly count: number; readonly writers: number },
): Promise<void> {
  let next = from;
  const work = async (): Promise<void> => {
    while (next < from + count) {
      const key = { resource: RESOURCE, namespace: `team-${next % 50}`, name: `claim-${String(next).padStart(7, '0')}` };
      next += 1;
      await store.write(key, () => ({ action: 'put', object: anObject(key) }));
    }
  };
  await Promise.all(Array.from({ length: writers }, work));
}

function anObject({ namespace, name }: StoreKey): StoredJson {
  const metadata = { name, namespace, uid: `00000000-0000-4000-8000-${name}`, creationTimestamp: '2026-01-01T00:00:00Z' };
  const object = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: { accessModes: ['ReadWriteOnce'], filler: '' } };
  const missing = OBJECT_BYTES - JSON.stringify(object).length - '"resourceVersion":"1",'.length;
  return { ...object, spec: { ...object.spec, filler: 'x'.repeat(Math.max(0, missing)) } };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** JavaScript heap and buffers in use after full collections. */
async function usedBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  for (let round = 0; round < 3; round += 1) {
    runInNewContext('gc()');
    // why: buffers are given back after the collection that finds them unused
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
