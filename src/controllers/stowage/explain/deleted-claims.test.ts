import { describe, expect, it } from 'vitest';
import type { DeletedClaim } from '#api/generated/definitions.ts';
import { DELETED_CLAIM } from '#api/undelete/claim-record.ts';
import { DELETION_GRACE } from '#api/undelete/deletion-grace.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { clusterOf, quotaOf, textOfExplanation, waitingClaim } from '#testing/builders/explained-cluster.ts';
import { stored } from '#testing/builders/metadata.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { withDeletedClaims } from './deleted-claims.ts';
import { explainClaim } from './explain-claim.ts';
import { explainStorageClass } from './explain-storage-class.ts';
import { explainVolume } from './explain-volume.ts';

const KEY = { namespace: 'default', name: 'data' };
const UNTIL = '2026-01-04T00:00:00Z';

function deleted(name: string, claimName: string, deletedAt = '2026-01-01T00:00:00Z'): DeletedClaim {
  const spec = { claimName, claimUid: 'u', storage: '1Gi', deletedAt, keptUntil: UNTIL, claim: {} };
  return stored({ apiVersion: 'volumes.stowage.dev/v1alpha1', kind: 'DeletedClaim' }, { metadata: { name, namespace: 'default' }, spec });
}

const full = quotaOf({ hard: { 'requests.storage': '1Gi' }, used: { 'requests.storage': '1Gi' } });

describe('VOL-20: deleted claims are told of', () => {
  it.each([
    {
      name: 'a claim that was deleted: the newest of that name, and how it comes back',
      listed: { deletedClaims: [deleted('pv-1', 'data'), deleted('pv-2', 'data', '2026-01-02T00:00:00Z'), deleted('pv-3', 'other')] },
      state: 'busy',
      says: [
        `persistentvolumeclaim default/data was deleted; its volume pv-2 (1Gi) is kept until ${UNTIL}`,
        'deletedclaim pv-1',
        'stowage undelete pvc/data -n default brings claim and data back',
      ],
      not: ['pv-3'],
    },
    {
      name: 'a claim that never was',
      listed: { deletedClaims: [deleted('pv-3', 'other')] },
      state: 'blocked',
      says: ['persistentvolumeclaim default/data does not exist'],
      not: ['pv-3', 'deletedclaims'],
    },
    {
      name: 'one that a quota has no room for',
      listed: { claims: [waitingClaim()], quotas: [full], deletedClaims: [deleted('pv-3', 'other')] },
      state: 'blocked',
      says: ['1 that can be brought back count in the quotas: other; stowage undelete --list -n default'],
      not: [],
    },
    {
      name: 'one that waits, of a name that was deleted before',
      listed: { claims: [waitingClaim()], deletedClaims: [deleted('pv-1', 'data')] },
      state: 'blocked',
      says: [`an earlier claim of this name was deleted: volume pv-1 (1Gi), kept until ${UNTIL}`],
      not: [],
    },
  ])('for $name', async ({ listed, state, says, not }) => {
    const cluster = await clusterOf(listed);
    const explanation = withDeletedClaims(explainClaim(KEY, cluster), KEY, cluster);
    const text = textOfExplanation(explanation);
    expect(explanation.state).toBe(state);
    for (const each of says) expect(text).toContain(each);
    for (const each of not) expect(text).not.toContain(each);
  });

  it.each([
    {
      name: 'readable',
      record: { uid: 'u', deletedAt: UNTIL, keptUntil: UNTIL, storage: '1', claim: {} },
      says: `its claim default/data was deleted and can be brought back until ${UNTIL}; then the volume goes`,
    },
    { name: 'not readable', record: {}, says: 'is not as Stowage wrote it' },
  ])('for a volume with a record that is $name', async ({ record, says }) => {
    const volume = aStoredVolume({
      annotations: { [DELETED_CLAIM]: JSON.stringify(record) },
      reclaimPolicy: 'Delete',
      status: { phase: 'Released' },
      spec: { claimRef: { ...KEY, uid: 'u' } },
    });
    expect(textOfExplanation(explainVolume('pv-1', await clusterOf({ volumes: [volume] })))).toContain(says);
  });

  it.each([
    { grace: '72h', says: 'volumes of deleted claims are kept for 72h' },
    { grace: '3d', says: '3d is no time from 1s to 8760h: nothing is kept' },
  ])('for a class with the grace $grace', async ({ grace, says }) => {
    const classes = [aStoredClass({ annotations: { [DELETION_GRACE]: grace } })];
    expect(textOfExplanation(explainStorageClass('fast', await clusterOf({ classes })))).toContain(says);
  });
});
