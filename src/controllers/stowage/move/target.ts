import type { VolumeMove } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { classOfClaim, requestedBytesOf } from '#api/storage/claim.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { bytesOf } from '#kit/quantity.ts';
import { nodeOfVolume } from '../claim-swap/kept-claim.ts';
import type { MoveView } from './view.ts';

/** The claim that moves, with its volume. */
export interface Source {
  readonly claim: PersistentVolumeClaim;
  readonly volume: PersistentVolume;
}

/** Where a claim goes, and whether its data has to be copied for that. */
export interface MoveTarget {
  readonly className: string;
  /** What the new volume has to hold at least. */
  readonly sizeBytes: bigint;
  /** The node on which the data is copied, and near which the new volume lies; `''` = any. */
  readonly nodeName: string;
  readonly needsCopy: boolean;
}

/** Where `move` leads. Pure. */
export function targetOf({ spec }: VolumeMove, { claim, volume }: Source, view: MoveView): MoveTarget {
  const className = spec.storageClassName ?? classOfClaim(claim);
  const wished = spec.size === undefined ? undefined : bytesOf(spec.size);
  const isOtherSize = wished !== undefined && wished !== requestedBytesOf(claim);
  const needsCopy = className !== classOfClaim(claim) || isOtherSize || isOtherNode(spec.nodeName, volume, view);
  const has = [requestedBytesOf(claim), capacityBytesOf(volume)].reduce((most, size) => (size > most ? size : most));
  return { className, sizeBytes: wished ?? has, nodeName: spec.nodeName ?? copyNodeOf({ claim, volume }, view), needsCopy };
}

/** True where the volume is not there already, and there alone. */
function isOtherNode(wanted: string | undefined, volume: PersistentVolume, view: MoveView): boolean {
  if (wanted === undefined) return false;
  const reached = [...view.nodes()].filter((node) => isVolumeUsableOn(volume, node)).map(({ metadata }) => metadata.name);
  return reached.length !== 1 || reached[0] !== wanted;
}

/** Where the claim is used, its data is read too: a volume that only one node may have at a time is there. */
function copyNodeOf({ claim, volume }: Source, view: MoveView): string {
  const user = nodeOfUsers(view.usersOf(claim.metadata.name));
  return user ?? nodeOfVolume({ claim, volume }, view.nodes());
}

/** The node of those who use the claim. */
export function nodeOfUsers(users: readonly Pod[]): string | undefined {
  return users.map(({ spec }) => spec.nodeName ?? '').find((name) => name !== '');
}

/** True where the data can be read while the claim is used: by a pod beside those that use it. Pure. */
export function canCopyLive(claim: PersistentVolumeClaim, users: readonly Pod[], nodeName: string): boolean {
  const modes = claim.spec.accessModes ?? [];
  if (modes.includes('ReadWriteOncePod')) return users.length === 0;
  if (modes.includes('ReadWriteMany') || modes.includes('ReadOnlyMany')) return true;
  const node = nodeOfUsers(users);
  return node === undefined || node === nodeName;
}
