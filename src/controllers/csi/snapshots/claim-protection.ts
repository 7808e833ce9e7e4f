import { volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { claimKeyOfSnapshot, SNAPSHOT_CLAIM_FINALIZER } from '#api/storage/snapshot.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES } from '../../indexes.ts';
import { untilGone } from '../driver-work/ladder.ts';
import { SNAPSHOT_INDEXES } from './indexes.ts';

const CONCURRENCY = 4;

/** Lets a claim go when no snapshot of it is being taken any more (external-snapshotter checkandRemovePVCFinalizer). The finalizer was put on before its driver was asked. */
export function createSnapshotClaimProtectionController({
  informers,
}: {
  readonly informers: InformerFactory;
}): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const snapshots = informers.for(volumeSnapshots, SNAPSHOT_INDEXES);
  return {
    name: 'snapshot-claim-protection',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(snapshots, (snapshot) => {
        const key = claimKeyOfSnapshot(snapshot);
        return key === undefined ? [] : [formatKey(key)];
      }),
    ],
    concurrency: CONCURRENCY,
    concerns: (claim) => hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER),
    reconcile: (ctx, claim) =>
      untilGone(async () => {
        if (!hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER) || snapshots.byIndex('unreadyOfClaim', formatKeyOf(claim)).length > 0)
          return done;
        const body = removingFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER);
        await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
        return done;
      }),
  };
}
