import type { PersistentVolume, PersistentVolumeClaim, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from '#api/resources.ts';
import { attributesClassOf } from '#api/storage/claim.ts';
import { attributesClassesOf } from '#api/storage/modification.ts';
import { VAC_PROTECTION } from '#api/storage/names.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import type { ProtectionDeps } from './controller.ts';
import { planProtection } from './plan.ts';
import { applyProtection } from './reconcile.ts';

const CONCURRENCY = 4;

/** Keeps VolumeAttributesClasses that claims or volumes name (upstream's vacprotection). */
export function createAttributesClassProtectionController({ informers }: ProtectionDeps): Controller<VolumeAttributesClass> {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const volumes = informers.for(persistentVolumes, VOLUME_INDEXES);
  const classes = informers.for(volumeAttributesClasses);
  const deleted = (names: readonly string[]): readonly string[] =>
    names.filter((name) => classes.get({ namespace: '', name })?.metadata.deletionTimestamp !== undefined);
  return {
    name: 'attributes-class-protection',
    resource: volumeAttributesClasses,
    informer: classes,
    triggers: [
      trigger(claims, (claim, previous) => deleted([claim, ...listOf(previous)].flatMap(attributesClassesOf))),
      trigger(volumes, (volume, previous) => deleted([volume, ...listOf(previous)].map(({ spec }) => attributesClassOf(spec)))),
    ],
    concurrency: CONCURRENCY,
    reconcile: async (ctx, attributesClass) => {
      const isUsed = isDeleting(attributesClass) && (await isInUse(ctx.client, attributesClass, { claims, volumes }));
      const plan = planProtection(attributesClass, VAC_PROTECTION, isUsed);
      return applyProtection(ctx, { resource: volumeAttributesClasses, object: attributesClass, finalizer: VAC_PROTECTION, plan });
    },
  };
}

/** Asks the caches first; before the class is let go, the API itself: a cache may not know a claim yet. A class is deleted rarely enough for two lists. */
async function isInUse(
  client: Client,
  { metadata: { name } }: VolumeAttributesClass,
  caches: { readonly claims: Informer<PersistentVolumeClaim>; readonly volumes: Informer<PersistentVolume> },
): Promise<boolean> {
  if (caches.claims.byIndex('attributesClass', name).length > 0 || caches.volumes.byIndex('attributesClass', name).length > 0) return true;
  const [claims, volumes] = await Promise.all([client.list(persistentVolumeClaims), client.list(persistentVolumes)]);
  return (
    claims.items.some((claim) => attributesClassesOf(claim).includes(name)) ||
    volumes.items.some(({ spec }) => attributesClassOf(spec) === name)
  );
}

function listOf<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
