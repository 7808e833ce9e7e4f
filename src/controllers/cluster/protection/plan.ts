import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import type { KubeObject } from '#api/meta/object.ts';

/** What is to be done for a protected object. */
export type ProtectionPlan = 'leave' | 'add' | 'remove' | 'keep';

/** Decides what comes next for `object`: protected from the start, and let go when it is to be deleted and nobody uses it. Pure. */
export function planProtection(object: KubeObject, finalizer: string, isInUse: boolean): ProtectionPlan {
  if (!isDeleting(object)) return hasFinalizer(object, finalizer) ? 'leave' : 'add';
  if (!hasFinalizer(object, finalizer)) return 'leave';
  return isInUse ? 'keep' : 'remove';
}

/** False where `planProtection` leaves `object` as it is, whoever uses it. Pure. */
export function mayNeedChange(object: KubeObject, finalizer: string): boolean {
  return isDeleting(object) === hasFinalizer(object, finalizer);
}

/**
 * True where `pod` keeps its claims from going: it has a node, and the node is not done with it, whatever its phase (upstream pvcprotection podUsesPVC,
 * podIsShutDown). A pod that is deleted in the foreground waits for the claims that it owns, and must not be what they wait for.
 */
export function keepsClaims({ metadata, spec }: Pod): boolean {
  const isShutDown = metadata.deletionTimestamp !== undefined && metadata.deletionGracePeriodSeconds === 0;
  return (spec.nodeName ?? '') !== '' && !isShutDown;
}

/** True where `volume` is bound, or about to be: its claimRef carries a UID and nobody has given it up yet. */
export function isVolumeInUse(volume: PersistentVolume): boolean {
  const phase = volume.status?.phase ?? 'Pending';
  if (phase === 'Bound') return true;
  const isClaimed = (volume.spec.claimRef?.uid ?? '') !== '';
  return isClaimed && phase !== 'Released' && phase !== 'Failed';
}
