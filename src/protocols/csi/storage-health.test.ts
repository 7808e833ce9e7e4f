import { expect, it } from 'vitest';
import type { NodeGetStorageHealthResponseStorageBackendHealth } from './generated/messages.ts';
import { storageConditions } from './storage-health.ts';

type Backend = NodeGetStorageHealthResponseStorageBackendHealth;

it.each<{ name: string; said: readonly Backend[] | undefined; means: readonly object[] }>([
  { name: 'nothing', said: undefined, means: [] },
  {
    name: 'what is wrong, in order and each once',
    said: [
      { status: 'STORAGE_UNREACHABLE', reason: 'NoPath', message: 'first' },
      { status: 'STORAGE_DEGRADED', reason: 'Slow' },
      { status: 'STORAGE_UNREACHABLE', reason: 'NoPath', message: 'second' },
    ],
    means: [
      { status: 'StorageDegraded', reason: 'Slow' },
      { status: 'StorageUnreachable', reason: 'NoPath', message: 'second' },
    ],
  },
  {
    name: 'what it is about',
    said: [
      { status: 'STORAGE_DEGRADED', reason: 'Slow', volumeCapability: { block: {}, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } } },
      { status: 'STORAGE_DEGRADED', reason: 'Slow', volumeCapability: { mount: {}, accessMode: { mode: 'UNKNOWN' } } },
    ],
    means: [
      { status: 'StorageDegraded', reason: 'Slow', accessMode: 'ReadWriteMany', volumeMode: 'Block' },
      { status: 'StorageDegraded', reason: 'Slow', volumeMode: 'Filesystem' },
    ],
  },
  { name: 'no reason', said: [{ status: 'STORAGE_DEGRADED' }], means: [{ status: 'StorageDegraded', reason: 'StorageDegraded' }] },
  { name: 'a word of later versions', said: [{ status: 'UNKNOWN_STORAGE_HEALTH_ERROR_TYPE', reason: 'x' }], means: [] },
])('VOL-19: a driver that says $name of its storage', ({ said, means }) => {
  expect(storageConditions(said === undefined ? {} : { backendHealth: said })).toEqual(means);
});

it('VOL-19: what a driver says is kept within what the API takes', () => {
  const backendHealth = Array.from({ length: 20 }, (_, index) => ({
    status: 'STORAGE_DEGRADED' as const,
    reason: `${index}${'r'.repeat(300)}`,
    message: 'm'.repeat(2_000),
  }));
  const conditions = storageConditions({ backendHealth });
  expect(conditions).toHaveLength(16);
  expect(conditions.every(({ reason, message = '' }) => reason.length <= 256 && message.length <= 1_024)).toBe(true);
});
