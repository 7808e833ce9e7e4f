import { expect, it } from 'vitest';
import type { SnapshotMetadataService } from '#api/generated/definitions.ts';
import { MANAGED_BY_STOWAGE, planService } from './service-plan.ts';

const ADDRESS = { address: '10.1.0.1:7443', caPem: 'pem' };
const SPEC = { address: '10.1.0.1:7443', audience: 'snapshot-metadata.stowage.dev', caCert: 'cGVt' };

function found(over: {
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<SnapshotMetadataService['spec']>;
  readonly deletionTimestamp?: string;
}): SnapshotMetadataService {
  const { labels = MANAGED_BY_STOWAGE, spec = {}, ...metadata } = over;
  return {
    apiVersion: 'cbt.storage.k8s.io/v1beta1',
    kind: 'SnapshotMetadataService',
    metadata: { name: 'd', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels, ...metadata },
    spec: { ...SPEC, ...spec },
  };
}

it.each([
  {
    name: 'of a driver that tells of blocks is made',
    object: undefined,
    driver: { isRegistered: true, tracks: true },
    plan: { kind: 'make', spec: SPEC },
  },
  {
    name: 'also of one that has no CSIDriver',
    object: undefined,
    driver: { isRegistered: false, tracks: true },
    plan: { kind: 'make', spec: SPEC },
  },
  { name: 'of one that tells of none is not', object: undefined, driver: { isRegistered: true, tracks: false }, plan: { kind: 'leave' } },
  { name: 'that is true stays', object: found({}), driver: { isRegistered: true, tracks: true }, plan: { kind: 'leave' } },
  {
    name: 'whose address was changed is mended',
    object: found({ spec: { address: 'evil:1' } }),
    driver: { isRegistered: true, tracks: true },
    plan: { kind: 'mend', spec: SPEC },
  },
  {
    name: 'whose authority was changed is mended',
    object: found({ spec: { caCert: 'eA==' } }),
    driver: { isRegistered: true, tracks: true },
    plan: { kind: 'mend', spec: SPEC },
  },
  {
    name: 'of somebody else is left',
    object: found({ labels: {}, spec: { address: 'own:1' } }),
    driver: { isRegistered: true, tracks: true },
    plan: { kind: 'leave' },
  },
  {
    name: 'that goes is left',
    object: found({ deletionTimestamp: 'now' }),
    driver: { isRegistered: true, tracks: false },
    plan: { kind: 'leave' },
  },
  { name: 'of a driver that is away stays', object: found({}), driver: { isRegistered: true, tracks: undefined }, plan: { kind: 'leave' } },
  {
    name: 'of a driver that is gone goes',
    object: found({}),
    driver: { isRegistered: false, tracks: undefined },
    plan: { kind: 'remove' },
  },
  {
    name: 'of a driver that tells no more goes',
    object: found({}),
    driver: { isRegistered: true, tracks: false },
    plan: { kind: 'remove' },
  },
])('SNAP-9: a SnapshotMetadataService $name', ({ object, driver, plan }) => {
  expect(planService(object, driver, ADDRESS)).toEqual(plan);
});
