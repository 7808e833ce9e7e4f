import { describe, expect, it } from 'vitest';
import type { CSINode, StorageHealth } from '../generated/kubernetes.ts';
import { formatFieldErrors } from '../meta/field-error.ts';
import { csiNodeKind } from './csi-node.ts';

const ILL = { status: 'StorageDegraded', reason: 'Slow' };
const nodeWith = (...storageHealth: readonly StorageHealth[]): CSINode => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSINode',
  metadata: { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { drivers: [] },
  status: { storageHealth },
});

describe('VOL-19: status.storageHealth of a CSINode', () => {
  it('is what drivers say, each once', () => {
    expect(csiNodeKind.validate(nodeWith({ name: 'a.example', healthConditions: [ILL] }, { name: 'b.example' }))).toEqual([]);
  });

  it('is not written with the rest', () => {
    expect(csiNodeKind.prepareForCreate(nodeWith({ name: 'a.example' }))).not.toHaveProperty('status');
  });

  it.each([
    { name: 'no driver', reports: [{ name: '' }], says: 'status.storageHealth[0].name: Required value' },
    { name: 'a driver twice', reports: [{ name: 'a' }, { name: 'a' }], says: 'status.storageHealth[1].name: Duplicate value: "a"' },
    {
      name: 'a word that there is not',
      reports: [{ name: 'a', healthConditions: [{ ...ILL, status: 'Bad' }] }],
      says: 'status.storageHealth[0].healthConditions[0].status: Unsupported value: "Bad"',
    },
    {
      name: 'no reason',
      reports: [{ name: 'a', healthConditions: [{ ...ILL, reason: '' }] }],
      says: 'status.storageHealth[0].healthConditions[0].reason: Required value',
    },
    {
      name: 'too many',
      reports: [{ name: 'a', healthConditions: Array.from({ length: 17 }, () => ILL) }],
      says: 'status.storageHealth[0].healthConditions: Too many: 17: must have at most 16 items',
    },
  ])('is refused with $name', ({ reports, says }) => {
    expect(formatFieldErrors(csiNodeKind.validate(nodeWith(...reports)))).toContain(says);
  });
});
