import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKeyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { type BindingView, reconcileClaim } from './reconcile-claim.ts';
import { reconcileVolume } from './reconcile-volume.ts';
import type { VolumeIndex } from './volume-index.ts';
import { WaitingClaims } from './waiting-claims.ts';

/** What binding needs. */
export interface BindingDeps {
  readonly informers: InformerFactory;
  /** Of the factory's volumes; shared with scheduling, so that both see each other's choices. */
  readonly index: VolumeIndex;
  /** True where this process provisions for the driver of that name. */
  readonly isProvisionedHere: (driverName: string) => boolean;
}

/** Claims that are worked on at a time; each waits for writes only, so this bounds how many writes of one group commit. */
const CLAIM_CONCURRENCY = 128;
const VOLUME_CONCURRENCY = 32;

/** Binds claims to volumes: keeps PersistentVolumeClaims. */
export function createClaimBindingController(deps: BindingDeps): Controller<PersistentVolumeClaim> {
  const view = viewOf(deps);
  return {
    name: 'claim-binding',
    resource: persistentVolumeClaims,
    informer: view.claims,
    triggers: [
      trigger(view.volumes, (volume, previous) => claimsOfVolume(view, volume, previous)),
      trigger(view.classes, (storageClass, previous) => claimsOfClass(view.claims, storageClass, previous)),
      trigger(view.pods, (pod, previous) => waitingClaimsOfPod(view.claims, pod, previous)),
    ],
    wakeUps: (add) => {
      const disposers = [view.waiting.onWake(add), view.index.onRelease(add)];
      return () => disposers.forEach((dispose) => dispose());
    },
    concurrency: CLAIM_CONCURRENCY,
    reconcile: (ctx, claim) => reconcileClaim(ctx, view, claim),
  };
}

/** Keeps the phases of PersistentVolumes. */
export function createVolumeBindingController({
  informers,
  index,
}: Pick<BindingDeps, 'informers' | 'index'>): Controller<PersistentVolume> {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const volumes = informers.for(persistentVolumes, VOLUME_INDEXES);
  return {
    name: 'volume-binding',
    resource: persistentVolumes,
    informer: volumes,
    triggers: [trigger(claims, (claim, previous) => volumesOfClaim(volumes, claim, previous))],
    concurrency: VOLUME_CONCURRENCY,
    reconcile: (ctx, volume) => reconcileVolume(ctx, { claims, isChosen: (one) => index.isChosen(one) }, volume),
  };
}

function viewOf({ informers, index, isProvisionedHere }: BindingDeps): BindingView {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const volumes = informers.for(persistentVolumes, VOLUME_INDEXES);
  return {
    claims,
    volumes,
    classes: informers.for(storageClasses),
    pods: informers.for(pods, POD_INDEXES),
    index,
    waiting: new WaitingClaims({ claims, volumes, index }),
    isProvisionedHere,
  };
}

function claimsOfVolume(view: BindingView, volume: PersistentVolume, previous?: PersistentVolume): readonly string[] {
  const keys = [claimKeyOf(volume), previous === undefined ? undefined : claimKeyOf(previous)].filter((key) => key !== undefined);
  return [...new Set([...keys, ...view.claims.byIndex('volume', volume.metadata.name).map(formatKeyOf)])];
}

function claimsOfClass(claims: Informer<PersistentVolumeClaim>, storageClass: StorageClass, previous?: StorageClass): readonly string[] {
  // why: what a claim sees of a class never changes but for its being the default
  const isNews = previous === undefined || isDefaultClass(previous) !== isDefaultClass(storageClass);
  if (!isNews) return [];
  const asking = claims.byIndex('waitingClass', storageClass.metadata.name).map(formatKeyOf);
  return isDefaultClass(storageClass) ? [...asking, ...claims.byIndex('waitingClass', '').map(formatKeyOf)] : asking;
}

function waitingClaimsOfPod(claims: Informer<PersistentVolumeClaim>, pod: Pod, previous?: Pod): readonly string[] {
  if (previous !== undefined && previous.spec.nodeName === pod.spec.nodeName) return [];
  return claimKeysOfPod(pod).filter((key) => {
    const claim = claims.get(parseKey(key));
    return claim !== undefined && volumeNameOf(claim) === '';
  });
}

function volumesOfClaim(
  volumes: Informer<PersistentVolume>,
  claim: PersistentVolumeClaim,
  previous?: PersistentVolumeClaim,
): readonly string[] {
  const names = volumes.byIndex('claim', formatKeyOf(claim)).map((volume) => volume.metadata.name);
  const named = [volumeNameOf(claim), previous === undefined ? '' : volumeNameOf(previous)].filter((name) => name !== '');
  return [...new Set([...names, ...named])];
}
