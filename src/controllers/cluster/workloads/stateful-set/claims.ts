import type { PersistentVolumeClaim, Pod, StatefulSet } from '#api/generated/kubernetes.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import { controllerRef } from '../owners.ts';

/** Who a claim belongs to, so that the garbage collector takes it away with its owner. */
export interface ClaimHolder {
  readonly set: StatefulSet;
  /** The pod that uses the claim, where there is one. */
  readonly pod: Pod | undefined;
  /** The set has fewer pods now than this one's number. */
  readonly isCondemned: boolean;
}

/**
 * The owners that `claim` should have by the set's retention policy; undefined where it has them (stateful_set_utils.go
 * `updateClaimOwnerRefForSetAndPod`): the set, where claims go with it, or the pod, where claims go when pods become fewer. Pure.
 */
export function planClaimOwners(claim: PersistentVolumeClaim, holder: ClaimHolder): readonly OwnerReference[] | undefined {
  const { set } = holder;
  const owners = claim.metadata.ownerReferences ?? [];
  const others = owners.filter((owner) => !isSet(owner, set) && !isPodOf(owner, claim));
  // why: an owner that somebody else set up decides by itself when the claim goes
  if (others.some(({ controller }) => controller === true)) return undefined;
  const wanted = [...others, ...wantedOwner(holder)];
  return sameOwners(wanted, owners) ? undefined : wanted;
}

function wantedOwner({ set, pod, isCondemned }: ClaimHolder): readonly OwnerReference[] {
  const { whenScaled = 'Retain', whenDeleted = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (isCondemned && whenScaled === 'Delete') return pod === undefined ? [] : [controllerRef(pod)];
  return whenDeleted === 'Delete' ? [controllerRef(set)] : [];
}

function sameOwners(a: readonly OwnerReference[], b: readonly OwnerReference[]): boolean {
  return a.length === b.length && a.every((owner) => b.some((other) => identity(other) === identity(owner)));
}

function identity({ apiVersion, kind, name, uid }: OwnerReference): string {
  return [apiVersion, kind, name, uid].join(' ');
}

function isSet({ kind, apiVersion, name }: OwnerReference, set: StatefulSet): boolean {
  return kind === 'StatefulSet' && apiVersion.startsWith('apps/') && name === set.metadata.name;
}

/** Also of an earlier pod of the same name, which is gone. */
function isPodOf({ kind, apiVersion, name }: OwnerReference, claim: PersistentVolumeClaim): boolean {
  return kind === 'Pod' && apiVersion === 'v1' && claim.metadata.name.endsWith(`-${name}`);
}
