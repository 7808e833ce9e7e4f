import { type DeletedClaim, deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { namespaces, persistentVolumes } from '#api/resources.ts';
import { claimRecordOf, GRACE_FINALIZER, isKept } from '#api/undelete/claim-record.ts';
import { hasCode } from '#kit/errors.ts';
import { type Controller, type Ctx, done, trigger } from '#machinery/runtime/controller.ts';
import { mayHaveBack } from './deleted-claim.ts';
import type { UndeleteDeps } from './deps.ts';
import { findObject } from './find-object.ts';
import { KEPT_INDEXES } from './indexes.ts';

const CONCURRENCY = 16;

/** Lets DeletedClaims go that tell of nothing any more; what is to be told, the volume says. */
export function createDeletedClaimController({ informers }: UndeleteDeps): Controller<DeletedClaim> {
  const volumes = informers.for(persistentVolumes, KEPT_INDEXES);
  return {
    name: 'deleted-claim',
    resource: deletedClaims,
    informer: informers.for(deletedClaims),
    triggers: [
      trigger(volumes, (volume, previous) => [volume, ...(previous === undefined ? [] : [previous])].filter(isKept).flatMap(toldKeyOf)),
    ],
    concurrency: CONCURRENCY,
    reconcile: async (ctx, told) => {
      if (await isTrue(ctx, told)) return done;
      try {
        if (!isDeleting(told)) await ctx.client.delete(deletedClaims, keyOf(told), { uid: told.metadata.uid });
        const current = await findObject(ctx, deletedClaims, keyOf(told));
        if (current !== undefined && hasFinalizer(current, GRACE_FINALIZER))
          await ctx.client.patch(deletedClaims, {
            key: keyOf(told),
            patch: { type: 'merge', body: removingFinalizer(current, GRACE_FINALIZER) },
          });
      } catch (thrown) {
        if (!hasCode(thrown, 'NotFound')) throw thrown;
      }
      return done;
    },
  };
}

function toldKeyOf({ metadata, spec }: PersistentVolume): readonly string[] {
  const { namespace = '' } = spec.claimRef ?? {};
  return namespace === '' ? [] : [formatKey({ namespace, name: metadata.name })];
}

/** The API itself is asked: what is deleted here by mistake would be taken for somebody's wish. */
async function isTrue(ctx: Ctx, { metadata, spec }: DeletedClaim): Promise<boolean> {
  const volume = await findObject(ctx, persistentVolumes, { namespace: '', name: metadata.name });
  const record = volume === undefined ? undefined : claimRecordOf(volume);
  if (volume === undefined || record?.ok !== true || record.value.uid !== spec.claimUid) return false;
  if (volume.spec.claimRef?.namespace !== metadata.namespace) return false;
  const namespace = await findObject(ctx, namespaces, { namespace: '', name: metadata.namespace ?? '' });
  return mayHaveBack(volume, namespace?.metadata.uid);
}
