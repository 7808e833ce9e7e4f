import { describe, expect, it } from 'vitest';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredGrant } from '#testing/builders/reference-grant.ts';
import type { ReferenceGrant } from '../generated/definitions.ts';
import { type GrantsIn, whyNotGranted } from './reference-grant.ts';

const SNAPSHOT = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'daily', namespace: 'team-a' };
const claim = aStoredClaim({ namespace: 'team-b', spec: { dataSourceRef: SNAPSHOT } });
const FROM = { group: '', kind: 'PersistentVolumeClaim', namespace: 'team-b' };
const TO = { group: SNAPSHOT.apiGroup, kind: SNAPSHOT.kind };

const having =
  (...grants: readonly ReferenceGrant[]): GrantsIn =>
  (namespace) =>
    grants.filter(({ metadata }) => metadata.namespace === namespace);

describe('SNAP-9: whyNotGranted', () => {
  it.each([
    { name: 'all of the kind', grant: aStoredGrant({ from: [FROM], to: [TO] }) },
    { name: 'that one', grant: aStoredGrant({ from: [FROM], to: [{ ...TO, name: 'daily' }] }) },
    {
      name: 'it among others',
      grant: aStoredGrant({ from: [{ ...FROM, namespace: 'c' }, FROM], to: [{ group: '', kind: 'Secret' }, TO] }),
    },
  ])('is content with a grant of $name', ({ grant }) => {
    expect(whyNotGranted(claim, having(grant))).toBeUndefined();
  });

  it.each([
    { name: 'no grant', grants: [] },
    { name: 'a grant of another namespace', grants: [aStoredGrant({ namespace: 'team-b', from: [FROM], to: [TO] })] },
    { name: 'a grant for another namespace', grants: [aStoredGrant({ from: [{ ...FROM, namespace: 'c' }], to: [TO] })] },
    { name: 'a grant for another kind of referrer', grants: [aStoredGrant({ from: [{ ...FROM, kind: 'Pod' }], to: [TO] })] },
    { name: 'a grant for another group of referrer', grants: [aStoredGrant({ from: [{ ...FROM, group: 'x.example' }], to: [TO] })] },
    { name: 'a grant of another object', grants: [aStoredGrant({ from: [FROM], to: [{ ...TO, name: 'weekly' }] })] },
    { name: 'a grant of another kind', grants: [aStoredGrant({ from: [FROM], to: [{ ...TO, kind: 'PersistentVolumeClaim' }] })] },
    { name: 'a grant of another group', grants: [aStoredGrant({ from: [FROM], to: [{ ...TO, group: '' }] })] },
    { name: 'a grant that goes', grants: [aStoredGrant({ from: [FROM], to: [TO], deletionTimestamp: '2026-01-01T00:00:00Z' })] },
  ])('refuses with $name, and gives the grant to paste', ({ grants }) => {
    const why = whyNotGranted(claim, having(...grants)) ?? '';
    expect(why).toContain(
      'spec.dataSourceRef VolumeSnapshot "team-a/daily": no ReferenceGrant of the namespace team-a lets claims of team-b use it',
    );
    const pasted: unknown = JSON.parse(/echo '(.*)'/.exec(why)?.[1] ?? '');
    expect(pasted).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { namespace: 'team-a' },
      spec: { from: [FROM], to: [{ ...TO, name: 'daily' }] },
    });
  });

  it('has nothing to say where the source is of the own namespace, or the grants are not known', () => {
    expect(whyNotGranted(aStoredClaim({ spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'a' } } }), having())).toBeUndefined();
    const own = { ...SNAPSHOT, namespace: 'team-b' };
    expect(whyNotGranted(aStoredClaim({ namespace: 'team-b', spec: { dataSourceRef: own } }), having())).toBeUndefined();
    expect(whyNotGranted(claim, () => undefined)).toBeUndefined();
  });
});
