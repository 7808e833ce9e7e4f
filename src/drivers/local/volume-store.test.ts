import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { CapacityLedger } from './capacity-ledger.ts';
import { VolumeStore } from './volume-store.ts';

const MIB = 1n << 20n;
const wanted = { id: 'pvc-1', name: 'pvc-1', type: 'file', sizeBytes: 8n * MIB } as const;

let dir: string;
let ledger: CapacityLedger;
let store: VolumeStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stowage-store-'));
  ledger = new CapacityLedger(10n * MIB);
  store = new VolumeStore({ diskDir: dir, volumesDir: dir, ledger, clock: new FakeClock() });
});
afterEach(async () => rm(dir, { recursive: true }));

describe('CLASS-5: what a pool promises', () => {
  it('is given back where a volume could not be made, and nothing of it stays', async () => {
    const fail = (): Promise<void> => Promise.reject(new Error('the copy failed'));
    await expect(store.create(wanted, fail)).rejects.toThrow('the copy failed');
    expect(ledger.freeBytes).toBe(10n * MIB);
    expect(await readdir(dir)).toEqual([]);
    await store.create(wanted);
    expect(ledger.freeBytes).toBe(2n * MIB);
  });

  it('is given back once, however often a volume is deleted', async () => {
    const record = await store.create(wanted);
    await store.delete(record.id);
    await store.delete(record.id);
    expect(ledger.freeBytes).toBe(10n * MIB);
  });

  it('is as much as a growth adds, and no more where that does not fit or fails', async () => {
    const record = await store.create(wanted);
    await expect(store.grow(record, 11n * MIB)).rejects.toMatchObject({ reason: 'PoolFull' });
    expect(ledger.freeBytes).toBe(2n * MIB);
    const grown = await store.grow(record, 9n * MIB);
    expect(ledger.freeBytes).toBe(MIB);
    await rm(store.directoryOf(grown.id), { recursive: true });
    await expect(store.grow(grown, 10n * MIB)).rejects.toThrow('ENOENT');
    expect(ledger.freeBytes).toBe(MIB);
  });

  it('is the same after a start', async () => {
    await store.create(wanted);
    await store.load();
    expect(ledger.freeBytes).toBe(2n * MIB);
  });
});
