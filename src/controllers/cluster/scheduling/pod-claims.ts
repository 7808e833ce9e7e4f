import type { PersistentVolumeClaim, Pod, StorageClass, Volume } from '#api/generated/kubernetes.ts';
import { classOfClaim, isBindCompleted, volumeNameOf } from '#api/storage/claim.ts';
import { fail, ok, type Result } from '#kit/errors.ts';

/** The claims of a pod by what the scheduler has to do about them. */
export interface PodClaims {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Unbound, of classes that wait for the scheduler's choice. */
  readonly delayed: readonly PersistentVolumeClaim[];
}

/** What is looked up. */
export interface ClaimLookup {
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  readonly storageClass: (name: string) => StorageClass | undefined;
}

/** Sorts the claims of `pod`; the error is upstream's reason why no node would do (volumebinding PreFilter). Pure. */
export function sortPodClaims(pod: Pod, look: ClaimLookup): Result<PodClaims> {
  const bound: PersistentVolumeClaim[] = [];
  const delayed: PersistentVolumeClaim[] = [];
  let hasImmediate = false;
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name === undefined) continue;
    const claim = look.claim(name);
    const problem = whyUnusable(pod, { volume, name, claim });
    if (problem !== undefined || claim === undefined) return fail(problem ?? '');
    if (volumeNameOf(claim) !== '' && isBindCompleted(claim)) bound.push(claim);
    else if (isDelayed(claim, look)) delayed.push(claim);
    else hasImmediate = true;
  }
  return hasImmediate ? fail('pod has unbound immediate PersistentVolumeClaims') : ok({ bound, delayed });
}

function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.ephemeral !== undefined) return `${pod.metadata.name}-${volume.name}`;
  return volume.persistentVolumeClaim?.claimName;
}

function whyUnusable(
  pod: Pod,
  found: { readonly volume: Volume; readonly name: string; readonly claim: PersistentVolumeClaim | undefined },
): string | undefined {
  const { volume, claim } = found;
  const name = JSON.stringify(found.name);
  const isEphemeral = volume.ephemeral !== undefined;
  if (claim === undefined)
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim ${name}`
      : `persistentvolumeclaim ${name} not found`;
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim ${name} bound to non-existent persistentvolume ${JSON.stringify(volumeNameOf(claim))}`;
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim ${name} is being deleted`;
  const isOwned = claim.metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid) === true;
  if (!isEphemeral || isOwned) return undefined;
  const namespace = pod.metadata.namespace ?? '';
  return `PVC ${JSON.stringify(`${namespace}/${found.name}`)} was not created for pod ${JSON.stringify(`${namespace}/${pod.metadata.name}`)} (pod is not owner)`;
}

/** A claim that names its volume counts as Immediate: binding has all that it needs. */
function isDelayed(claim: PersistentVolumeClaim, look: ClaimLookup): boolean {
  if (volumeNameOf(claim) !== '') return false;
  return look.storageClass(classOfClaim(claim))?.volumeBindingMode === 'WaitForFirstConsumer';
}
