import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { PV_PROTECTION, PVC_PROTECTION } from '#api/storage/names.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { mayNeedChange } from './plan.ts';
import { PodLookup } from './pod-lookup.ts';
import { reconcileClaimProtection, reconcileVolumeProtection } from './reconcile.ts';

/** What protection needs. */
export interface ProtectionDeps {
  readonly informers: InformerFactory;
}

const CONCURRENCY = 64;

/** Keeps claims that pods use. */
export function createClaimProtectionController({ informers }: ProtectionDeps): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const podInformer = informers.for(pods, POD_INDEXES);
  const lookup = new PodLookup(informers.client);
  return {
    name: 'claim-protection',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(podInformer, (pod) =>
        claimKeysOfPod(pod).filter((key) => {
          const claim = claims.get(parseKey(key));
          return claim !== undefined && isDeleting(claim);
        }),
      ),
    ],
    concurrency: CONCURRENCY,
    concerns: (claim) => mayNeedChange(claim, PVC_PROTECTION),
    reconcile: (ctx, claim) => reconcileClaimProtection(ctx, claim, { pods: podInformer, lookup }),
  };
}

/** Keeps volumes that are bound. */
export function createVolumeProtectionController({ informers }: ProtectionDeps): Controller<PersistentVolume> {
  return {
    name: 'volume-protection',
    resource: persistentVolumes,
    informer: informers.for(persistentVolumes, VOLUME_INDEXES),
    triggers: [],
    concurrency: CONCURRENCY,
    concerns: (volume) => mayNeedChange(volume, PV_PROTECTION),
    reconcile: reconcileVolumeProtection,
  };
}
