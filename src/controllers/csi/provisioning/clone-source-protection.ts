import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { cloneSourceKeyOf } from '#api/storage/claim.ts';
import { CLONING_PROTECTION } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES } from '../../indexes.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';

const CONCURRENCY = 4;

/**
 * Lets a claim go that volumes were copied from, when the last copy is made or given up (external-provisioner's cloning protection). Provisioning puts
 * the finalizer on before the first copy is begun.
 */
export function createCloneSourceProtectionController({
  informers,
}: {
  readonly informers: InformerFactory;
}): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  return {
    name: 'clone-source-protection',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [trigger(claims, (claim, previous) => [claim, previous ?? claim].flatMap((copy) => sourceKeysOf(copy)))],
    concurrency: CONCURRENCY,
    concerns: (claim) => hasFinalizer(claim, CLONING_PROTECTION),
    reconcile: async (ctx, claim) => {
      if (!hasFinalizer(claim, CLONING_PROTECTION) || claims.byIndex('cloneSource', formatKey(keyOf(claim))).length > 0) return done;
      try {
        await ctx.client.patch(persistentVolumeClaims, {
          key: keyOf(claim),
          patch: { type: 'merge', body: removingFinalizer(claim, CLONING_PROTECTION) },
        });
      } catch (thrown) {
        if (!hasCode(thrown, 'NotFound')) throw thrown;
      }
      return done;
    },
  };
}

function sourceKeysOf(claim: PersistentVolumeClaim): readonly string[] {
  const key = cloneSourceKeyOf(claim);
  return key === undefined ? [] : [formatKey(key)];
}
