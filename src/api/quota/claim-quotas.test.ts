import { expect, it } from 'vitest';
import type { ResourceQuota } from '../generated/kubernetes.ts';
import { claimQuotas } from './claim-quotas.ts';

const metadata = { name: 'team', namespace: 'k-1', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function aQuota(hard: Record<string, string>, used?: Record<string, string>): ResourceQuota {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard }, ...(used === undefined ? {} : { status: { hard, used } }) };
}

it.each([
  { name: 'bytes', resource: 'requests.storage', hard: '10Gi', used: '1536Mi', left: '8704Mi', shown: '1536Mi' },
  { name: 'claims', resource: 'persistentvolumeclaims', hard: '5', used: '5', left: '0', shown: '5' },
  { name: 'objects', resource: 'count/persistentvolumeclaims', hard: '5', used: '2', left: '3', shown: '2' },
  {
    name: 'bytes of a class',
    resource: 'a.b.storageclass.storage.k8s.io/requests.storage',
    hard: '1Ti',
    used: '0',
    left: '1Ti',
    shown: '0',
  },
  {
    name: 'claims of a class',
    resource: 'a.storageclass.storage.k8s.io/persistentvolumeclaims',
    hard: '2',
    used: '1',
    left: '1',
    shown: '1',
  },
  { name: 'more than is allowed', resource: 'requests.storage', hard: '1Gi', used: '3Gi', left: '0', shown: '3Gi' },
])('VOL-14: tells what is left: $name', ({ resource, hard, used, left, shown }) => {
  const lines = claimQuotas([aQuota({ [resource]: hard, cpu: '1', 'requests.ephemeral-storage': '1Gi' }, { [resource]: used, cpu: '0' })]);
  expect(lines).toEqual([{ quota: 'team', resource, hard, usage: { left, used: shown } }]);
});

it('VOL-14: has no figures before the quota was counted', () => {
  expect(claimQuotas([aQuota({ 'requests.storage': '10Gi' })])).toEqual([{ quota: 'team', resource: 'requests.storage', hard: '10Gi' }]);
});
