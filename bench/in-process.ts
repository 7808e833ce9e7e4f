import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { configMaps } from '#api/resources.ts';
import { SystemClock } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import { startTestApi } from '#testing/api.ts';
import { EtcdPeer } from './etcd.ts';
import type { BenchRow } from './row.ts';

const WRITES = 8_000;
/** Serialised size of an object, about that of a claim with managed fields. */
const OBJECT_BYTES = 1_500;

/** Creates through the whole API (defaults, validation, field ownership, admission) in one process, on the disk, beside bare writes to etcd. */
export async function benchInProcess(): Promise<readonly BenchRow[]> {
  const etcd = await EtcdPeer.start();
  const rows: BenchRow[] = [];
  try {
    for (const writers of [1, 8, 64]) {
      const value = await createsPerSec(writers);
      const peer = await etcd?.putsPerSec({ count: WRITES, writers, bytes: OBJECT_BYTES });
      rows.push({
        name: `api: creates in process, ${writers} at a time, ${OBJECT_BYTES} bytes each`,
        value,
        unit: '/s',
        ...(peer === undefined ? {} : { peer: { name: 'etcd', value: Math.round(peer) } }),
      });
    }
  } finally {
    await etcd?.stop();
  }
  return rows;
}

async function createsPerSec(writers: number): Promise<number> {
  const directory = mkdtempSync(path.join(tmpdir(), 'stowage-bench-'));
  const clock = new SystemClock();
  const api = await startTestApi({ clock, store: await openStore({ engine: new SqliteEngine({ directory }), clock, log: silentLogger }) });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < WRITES) {
      next += 1;
      const metadata = { name: `c-${next}`, namespace: 'default', labels: { app: `team-${next % 50}` } };
      await api.client.create(configMaps, { metadata, data: { filler: 'x'.repeat(OBJECT_BYTES - 250) } });
    }
  };
  try {
    const startMs = performance.now();
    await Promise.all(Array.from({ length: writers }, work));
    return (WRITES / (performance.now() - startMs)) * 1_000;
  } finally {
    await api.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
