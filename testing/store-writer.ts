/**
 * A process that writes to the store of the directory in its first argument until it is killed: several writers, each counting up its own object
 * and making and deleting others. Each acknowledged write is a line `writer count revision` on standard output.
 */
import { writeSync } from 'node:fs';
import { SystemClock } from '#kit/clock.ts';
import { silentLogger } from '#kit/log.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import { aStoredObject, aStoreKey, deleteKey, putValue, valueOf } from './store-fixtures.ts';

const WRITERS = 6;
/** Small, so that records are dropped under way. */
const LIMITS = { minEvents: 64, maxEvents: 256, compactStep: 32 };
const STDOUT = 1;

const directory = process.argv[2] ?? '';
const store = await openStore({ engine: new SqliteEngine({ directory }), clock: new SystemClock(), log: silentLogger, limits: LIMITS });
writeSync(STDOUT, 'open\n');
await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeForEver(writer)));

async function writeForEver(writer: number): Promise<void> {
  const key = aStoreKey(`writer-${writer}`);
  for (;;) {
    const entry = await store.write(key, (current) => ({ action: 'put', object: aStoredObject(key, Number(valueOf(current) ?? 0) + 1) }));
    writeSync(STDOUT, `${writer} ${String(valueOf(entry))} ${entry?.revision}\n`);
    const other = aStoreKey(`other-${writer}-${Number(valueOf(entry)) % 7}`);
    if (store.get(other) === undefined) await putValue(store, other, 'x'.repeat(500));
    else await deleteKey(store, other);
  }
}
