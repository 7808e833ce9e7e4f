import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { EtcdPeer } from './etcd.ts';
import { Http2Api } from './http2-api.ts';
import { cpuSeconds } from './resident-memory.ts';
import type { BenchRow } from './row.ts';

/** Creates by how many at a time; together they make {@link OBJECTS}. */
const WRITES = [
  { writers: 1, count: 1_000 },
  { writers: 8, count: 2_000 },
  { writers: 64, count: 7_000 },
];
const OBJECTS = 10_000;
/** Serialised size of an object, about that of a claim with managed fields. */
const OBJECT_BYTES = 1_500;
const PAGE = 500;
const WATCHERS = 1_000;
/** HTTP/2 connections that the watchers share. */
const CONNECTIONS = 20;
const CHANGES = 300;
/** Time between two changes while their fan-out is measured. */
const CHANGE_EVERY_MS = 20;
const COLLECTION = '/api/v1/namespaces/bench/configmaps';

/** What the API costs over HTTPS: writes beside etcd's own, reads, lists whole and in pages, and changes that many watch. */
export async function benchApi(): Promise<readonly BenchRow[]> {
  const platform = await PlatformProcess.start({ flags: ['--no-demo'] });
  const token = readFileSync(path.join(platform.dataDir, 'admin.token'), 'utf8').trim();
  const api = new Http2Api({ url: platform.url, token, connections: CONNECTIONS });
  try {
    await api.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'bench' } } });
    const rows = [
      ...(await benchWrites(api)),
      ...(await benchReads(api)),
      ...(await benchLists(api)),
      ...(await benchFanOut(api, platform.pid)),
    ];
    return rows;
  } finally {
    api.close();
    await platform.remove();
  }
}

/** Creates of 1, 8 and 64 clients with everything between (TLS, access, admission, validation, audit), beside bare writes to etcd. */
async function benchWrites(api: Http2Api): Promise<readonly BenchRow[]> {
  const etcd = await EtcdPeer.start();
  const rows: BenchRow[] = [];
  let next = 0;
  try {
    for (const { writers, count } of WRITES) {
      const until = next + count;
      const work = async (_: unknown, writer: number): Promise<void> => {
        while (next < until) {
          next += 1;
          await api.send('POST', COLLECTION, { body: anObject(next), connection: writer });
        }
      };
      const tookMs = await timed(() => Promise.all(Array.from({ length: writers }, work)));
      const peer = await etcd?.putsPerSec({ count, writers, bytes: OBJECT_BYTES });
      rows.push({
        name: `api: creates over HTTPS, ${writers} at a time, ${OBJECT_BYTES} bytes each`,
        value: (count / tookMs) * 1_000,
        unit: '/s',
        ...(peer === undefined ? {} : { peer: { name: 'etcd', value: Math.round(peer) } }),
      });
    }
  } finally {
    await etcd?.stop();
  }
  return rows;
}

async function benchReads(api: Http2Api): Promise<readonly BenchRow[]> {
  const tookMs: number[] = [];
  for (let index = 1; index <= 2_000; index += 1) tookMs.push(await timed(() => api.send('GET', `${COLLECTION}/c-${index}`)));
  return percentiles('api: GET of one object', tookMs);
}

async function benchLists(api: Http2Api): Promise<readonly BenchRow[]> {
  const wholeMs: number[] = [];
  const pagesMs: number[] = [];
  const pageMs: number[] = [];
  for (let run = 0; run < 20; run += 1) {
    wholeMs.push(await timed(() => api.send('GET', COLLECTION)));
    pagesMs.push(await timed(() => listInPages(api, pageMs)));
  }
  const tableMs: number[] = [];
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  for (let run = 0; run < 10; run += 1) tableMs.push(await timed(() => api.send('GET', COLLECTION, { accept })));
  return [
    ...percentiles(`api: LIST of ${OBJECTS} objects, whole`, wholeMs),
    ...percentiles(`api: LIST of ${OBJECTS} objects, in pages of ${PAGE}`, pagesMs),
    ...percentiles(`api: one page of ${PAGE} objects`, pageMs),
    ...percentiles(`api: LIST of ${OBJECTS} objects as a table`, tableMs),
  ];
}

async function listInPages(api: Http2Api, pageMs: number[]): Promise<void> {
  let token = '';
  do {
    let text = '';
    pageMs.push(
      await timed(async () => {
        text = await api.send('GET', `${COLLECTION}?limit=${PAGE}&continue=${token}`);
      }),
    );
    token = /^[^[]{0,500}"continue":"([^"]+)"/.exec(text)?.[1] ?? '';
  } while (token !== '');
}

/** From a change to the last watcher that sees it, and what that costs the server. */
async function benchFanOut(api: Http2Api, pid: number): Promise<readonly BenchRow[]> {
  const watchers = await Promise.all(Array.from({ length: WATCHERS }, (_, index) => api.watch(COLLECTION, index % CONNECTIONS)));
  const sentMs: number[] = [];
  const cpuBefore = cpuSeconds(pid);
  for (let change = 0; change < CHANGES; change += 1) {
    sentMs.push(performance.now());
    await api.send('POST', COLLECTION, { body: anObject(OBJECTS + 1 + change) });
    await new Promise((resolve) => setTimeout(resolve, CHANGE_EVERY_MS));
  }
  const untilMs = performance.now() + 20_000;
  while (watchers.some((watcher) => watcher.seenMs.length < CHANGES) && performance.now() < untilMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const cpu = cpuSeconds(pid) - cpuBefore;
  const missed = watchers.reduce((sum, watcher) => sum + CHANGES - watcher.seenMs.length, 0);
  const delays = sentMs.map((sent, change) => Math.max(...watchers.map((watcher) => (watcher.seenMs[change] ?? Number.NaN) - sent)));
  const lastMs = Math.max(...watchers.map((watcher) => watcher.seenMs.at(-1) ?? 0));
  return [
    ...percentiles(`api: from a create to the last of ${WATCHERS} watchers`, delays),
    {
      name: `api: events delivered to ${WATCHERS} watchers`,
      value: (WATCHERS * CHANGES * 1_000) / (lastMs - (sentMs[0] ?? 0)),
      unit: '/s',
    },
    { name: 'api: CPU of the server per delivered event', value: (cpu * 1_000_000) / (WATCHERS * CHANGES), unit: 'us' },
    { name: 'api: events that a watcher missed', value: missed, unit: '' },
  ];
}

function anObject(index: number): object {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `c-${index}`, labels: { app: `team-${index % 50}` } },
    data: { filler: '' },
  };
  return { ...object, data: { filler: 'x'.repeat(OBJECT_BYTES - 250) } };
}

function percentiles(name: string, tookMs: readonly number[]): readonly BenchRow[] {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return [
    { name: `${name}, p50`, value: at(0.5), unit: 'ms' },
    { name: `${name}, p99`, value: at(0.99), unit: 'ms' },
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
