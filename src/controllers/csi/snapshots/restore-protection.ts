import { type VolumeSnapshot, volumeSnapshots } from '#api/generated/definitions.ts';
import { hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { RESTORING_PROTECTION, restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES } from '../../indexes.ts';
import { untilGone } from '../driver-work/ladder.ts';
import { SNAPSHOT_INDEXES } from './indexes.ts';

const CONCURRENCY = 4;

/** Lets a snapshot go that volumes were made from, when the last is made or given up (external-provisioner's). Provisioning puts the finalizer on before its driver is asked. */
export function createRestoreProtectionController({ informers }: { readonly informers: InformerFactory }): Controller<VolumeSnapshot> {
  const snapshots = informers.for(volumeSnapshots, SNAPSHOT_INDEXES);
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  return {
    name: 'restore-protection',
    resource: volumeSnapshots,
    informer: snapshots,
    triggers: [
      trigger(claims, (claim, previous) =>
        [claim, previous ?? claim].flatMap((each) => {
          const key = restoreSourceKeyOf(each);
          return key === undefined ? [] : [formatKey(key)];
        }),
      ),
    ],
    concurrency: CONCURRENCY,
    concerns: (snapshot) => hasFinalizer(snapshot, RESTORING_PROTECTION),
    reconcile: (ctx, snapshot) =>
      untilGone(async () => {
        if (!hasFinalizer(snapshot, RESTORING_PROTECTION) || claims.byIndex('restoreSource', formatKeyOf(snapshot)).length > 0) return done;
        const body = removingFinalizer(snapshot, RESTORING_PROTECTION);
        await ctx.client.patch(volumeSnapshots, { key: keyOf(snapshot), patch: { type: 'merge', body } });
        return done;
      }),
  };
}
