import { bytesOf } from '#kit/quantity.ts';
import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import type { ObjectKey } from '../meta/object.ts';
import { dataSourceOf } from './data-source.ts';
import {
  BIND_COMPLETED,
  REFUSED_NODES,
  SELECTED_NODE,
  STORAGE_CLASS_BETA,
  STORAGE_PROVISIONER,
  STORAGE_PROVISIONER_BETA,
} from './names.ts';

/** The class that `claim` asks for; `''` where it asks for none (GetPersistentVolumeClaimClass). */
export function classOfClaim(claim: PersistentVolumeClaim): string {
  return claim.metadata.annotations?.[STORAGE_CLASS_BETA] ?? claim.spec.storageClassName ?? '';
}

/** True where `claim` left its class to the default; `''` is a choice: volumes without a class only. */
export function leavesClassToDefault(claim: PersistentVolumeClaim): boolean {
  return claim.spec.storageClassName === undefined && claim.metadata.annotations?.[STORAGE_CLASS_BETA] === undefined;
}

/** How many bytes `claim` asks for at least. */
export function requestedBytesOf(claim: PersistentVolumeClaim): bigint {
  return bytesOf(claim.spec.resources?.requests?.['storage'] ?? '0');
}

/** `Filesystem` or `Block`; absent means the former, on claims and volumes alike. */
export function volumeModeOf(spec: { readonly volumeMode?: string | undefined }): string {
  return spec.volumeMode ?? 'Filesystem';
}

/** The VolumeAttributesClass of a claim or volume; absent equals `''`. */
export function attributesClassOf(spec: { readonly volumeAttributesClassName?: string | undefined }): string {
  return spec.volumeAttributesClassName ?? '';
}

/** The volume that `claim` names; `''` for none. */
export function volumeNameOf(claim: PersistentVolumeClaim): string {
  return claim.spec.volumeName ?? '';
}

/** True once the binding of `claim` was decided for good. */
export function isBindCompleted(claim: PersistentVolumeClaim): boolean {
  return claim.metadata.annotations?.[BIND_COMPLETED] !== undefined;
}

/** The provisioner that was asked to make the volume of `claim`; `''` for none. */
export function provisionerOfClaim(claim: PersistentVolumeClaim): string {
  const annotations = claim.metadata.annotations;
  return annotations?.[STORAGE_PROVISIONER] ?? annotations?.[STORAGE_PROVISIONER_BETA] ?? '';
}

/** The node that the scheduler chose for `claim`; `''` for none. */
export function selectedNodeOf(claim: PersistentVolumeClaim): string {
  return claim.metadata.annotations?.[SELECTED_NODE] ?? '';
}

/** The nodes that were chosen for `claim` before and where its driver had no place for it, in that order. */
export function refusedNodesOf(claim: PersistentVolumeClaim): readonly string[] {
  return (claim.metadata.annotations?.[REFUSED_NODES] ?? '').split(',').filter((name) => name !== '');
}

/** The claim whose volume `claim` is to be a copy of; undefined where it names none. */
export function cloneSourceKeyOf(claim: PersistentVolumeClaim): ObjectKey | undefined {
  const source = dataSourceOf(claim);
  return source?.kind === 'PersistentVolumeClaim' && source.group === '' ? source.key : undefined;
}
