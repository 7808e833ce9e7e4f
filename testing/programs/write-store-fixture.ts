/**
 * Writes `testing/upgrade/format-N.db.gz`: a store of today's format with objects of several kinds, as a later version will find it.
 * Run it when the format has changed, and commit what it wrote; never write the file of an older format again.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { silentLogger } from '#kit/log.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import { FORMAT_STEPS } from '#machinery/store/sqlite-format.ts';
import { startTestApi } from '#testing/api.ts';
import { aDefinition, establish } from '#testing/builders/definition.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { KEPT, keyOf, OWN, REPLACED } from '../upgrade/fixture-objects.ts';

const directory = path.join(mkdtempSync(path.join(tmpdir(), 'stowage-fixture-')), 'store');
const clock = new FakeClock();
const store = await openStore({ engine: new SqliteEngine({ directory }), clock, log: silentLogger });
const api = await startTestApi({ store, clock });
for (const { resource, draft } of KEPT) await api.client.create(resource, draft);
for (const { resource, draft, data } of REPLACED) {
  const key = keyOf(draft);
  await api.client.create(resource, draft);
  await api.client.delete(resource, key);
  await api.client.create(resource, draft);
  await api.client.patch(resource, { key, patch: { type: 'merge', body: { data } } });
}
await establish(api.client, aDefinition());
await api.client.create(OWN.resource, OWN.draft);
await api.close();
const target = path.join(import.meta.dirname, '..', 'upgrade', `format-${FORMAT_STEPS.length}.db.gz`);
if (readdirSync(directory).some((name) => name.endsWith('-wal'))) throw new Error('the journal was not carried over');
writeFileSync(target, gzipSync(readFileSync(path.join(directory, 'store.db')), { level: 9 }));
rmSync(path.dirname(directory), { recursive: true });
console.log(target);
