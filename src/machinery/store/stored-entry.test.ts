import { describe, expect, it } from 'vitest';
import { aStoredObject, aStoreKey } from '#testing/store-fixtures.ts';
import { ParsedObjects, serialise, StoredEntry } from './stored-entry.ts';

const KEY = aStoreKey('a');

describe('StoredEntry', () => {
  it('gives the same object while it is held', () => {
    const entry = new StoredEntry(KEY, { revision: 7, bytes: serialise(KEY, aStoredObject(KEY, 'x'), 7) }, new ParsedObjects(1_000));
    expect(entry.object).toBe(entry.object);
    expect(entry.object.metadata['resourceVersion']).toBe('7');
  });

  it('holds no more parsed objects than the bound allows', () => {
    const parsed = new ParsedObjects(10_000);
    const bytes = serialise(KEY, aStoredObject(KEY, 'x'.repeat(800)), 1);
    for (let at = 0; at < 1_000; at += 1) void new StoredEntry(KEY, { revision: at, bytes }, parsed).object;
    expect(parsed.size * bytes.length).toBeLessThanOrEqual(12_000);
  });

  it('serialises text of any script exactly, into memory of its own', () => {
    const bytes = serialise(KEY, aStoredObject(KEY, '卷 é 🚀'), 1);
    expect(JSON.parse(bytes.toString())).toMatchObject({ data: { value: '卷 é 🚀' } });
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  it('gives back every digit of whole numbers of 64 bits, also after a restart', () => {
    const spec = { n: 9007199254740993n, least: -(2n ** 63n), small: 1 };
    const bytes = serialise(KEY, { ...aStoredObject(KEY, 'x'), spec }, 1);
    expect(bytes.toString()).toContain('"n":9007199254740993,"least":-9223372036854775808,"small":1');
    expect(new StoredEntry(KEY, { revision: 1, bytes }, new ParsedObjects(1_000)).object).toMatchObject({ spec });
  });
});
