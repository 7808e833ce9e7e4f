import { describe, expect, it } from 'vitest';
import type { CSIDriver } from '../generated/kubernetes.ts';
import { stored } from '#testing/builders/metadata.ts';
import { csiDriverKind } from './csi-driver.ts';

const driver = (spec: CSIDriver['spec']): CSIDriver =>
  stored(
    { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver' },
    { metadata: { name: 'vault.example' }, spec: { fsGroupPolicy: 'File', volumeLifecycleModes: ['Persistent'], ...spec } },
  );
const requests = [{ audience: 'vault' }];

describe('VOL-19: where a driver gets tokens', () => {
  it.each([
    { name: 'in the secrets', spec: { tokenRequests: requests, serviceAccountTokenInSecrets: true }, faults: [] },
    { name: 'nowhere', spec: {}, faults: [] },
    {
      name: 'a place without tokens is refused',
      spec: { serviceAccountTokenInSecrets: false },
      faults: ['spec.serviceAccountTokenInSecrets'],
    },
  ])('$name', ({ spec, faults }) => {
    expect(csiDriverKind.validate(driver(spec)).map(({ field }) => field)).toEqual(faults);
  });

  it.each([
    { name: 'tokens in the volume context', next: { tokenRequests: requests }, previous: undefined, count: 1 },
    { name: 'other ones', next: { tokenRequests: requests }, previous: { tokenRequests: [{ audience: 'old' }] }, count: 1 },
    { name: 'nothing new', next: { tokenRequests: requests }, previous: { tokenRequests: requests }, count: 0 },
    { name: 'a choice', next: { tokenRequests: requests, serviceAccountTokenInSecrets: false }, previous: undefined, count: 0 },
  ])('warns of $name: $count', ({ next, previous, count }) => {
    expect(csiDriverKind.warnings?.(driver(next), previous === undefined ? undefined : driver(previous)) ?? []).toHaveLength(count);
  });
});
