import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '#kit/json.ts';
import { SqliteEngine } from '#machinery/store/sqlite-engine.ts';
import { FORMAT_STEPS } from '#machinery/store/sqlite-format.ts';
import { StoreDamaged } from '#machinery/store/store-errors.ts';
import { startTestApi } from '#testing/api.ts';
import { aStore, recordWatch } from '#testing/store-fixtures.ts';
import { KEPT, keyOf, OWN, REPLACED } from '../upgrade/fixture-objects.ts';

/** One store of each format that there ever was, as its version wrote it. */
const FIXTURES = path.join(import.meta.dirname, '..', 'upgrade');
const formats = readdirSync(FIXTURES).flatMap((name) => /^format-(\d+)\.db\.gz$/.exec(name)?.[1] ?? []);

describe('a data directory of an older version', () => {
  let directory: string;
  let file: string;

  beforeEach(() => {
    directory = path.join(mkdtempSync(path.join(tmpdir(), 'upgrade-')), 'store');
    file = path.join(directory, 'store.db');
    mkdirSync(directory, { mode: 0o700 });
  });
  afterEach(() => rmSync(path.dirname(directory), { recursive: true }));

  function unpack(format: string): Buffer {
    const bytes = gunzipSync(readFileSync(path.join(FIXTURES, `format-${format}.db.gz`)));
    writeFileSync(file, bytes);
    return bytes;
  }

  function formatOf(): unknown {
    const database = new DatabaseSync(file);
    try {
      return database.prepare('PRAGMA user_version').get()?.['user_version'];
    } finally {
      database.close();
    }
  }

  it("has a fixture for today's format (node testing/programs/write-store-fixture.ts)", () => {
    expect(formats.map(Number).toSorted((a, b) => a - b)).toEqual(FORMAT_STEPS.map((_, at) => at + 1));
  });

  it.each(formats)('API-4: of format %s is opened with its past, and shows each object as it was made', async (format) => {
    unpack(format);
    for (const color of ['red', 'green', 'blue']) {
      const store = await aStore(new SqliteEngine({ directory }));
      const { events } = recordWatch(store, { resource: 'configmaps' }, 0);
      expect(events.slice(0, 4).map(({ type }) => type)).toEqual(['ADDED', 'DELETED', 'ADDED', 'MODIFIED']);
      const api = await startTestApi({ store, isNew: false });
      for (const { resource, draft } of [...KEPT, OWN]) {
        const { metadata: _metadata, ...wanted } = draft;
        expect(await api.client.get(resource, keyOf(draft))).toMatchObject(wanted);
      }
      for (const resource of api.server.resources()) await api.client.list(resource);
      for (const { resource, draft } of REPLACED) {
        const found = await api.client.get(resource, keyOf(draft));
        if (color === 'red') expect(found).toMatchObject({ data: { color } });
        await api.client.patch(resource, { key: keyOf(draft), patch: { type: 'merge', body: { data: { color } } } });
      }
      await api.close();
    }
    expect(formatOf()).toBe(FORMAT_STEPS.length);
  });

  it('API-4: that is damaged is refused by its object, and keeps its format and its bytes', async () => {
    const bytes = unpack('1');
    const at = bytes.indexOf('"color":"red"');
    bytes[at + 10] = (bytes[at + 10] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const thrown: unknown = await new SqliteEngine({ directory }).load().catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(StoreDamaged);
    expect(isRecord(thrown) && String(thrown['message'])).toMatch(/configmaps default\/settings at revision \d+ has a wrong checksum/);
    expect(formatOf()).toBe(1);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });
});
