import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { requestedBytesOf } from '#api/storage/claim.ts';
import { allocatedSizeOf, growthConditionOf, growthStatusOf, wantsGrowth } from '#api/storage/growth.ts';
import { PRE_RESIZE_CAPACITY } from '#api/storage/names.ts';
import { capacityBytesOf, isVolumeOfClaim } from '#api/storage/volume.ts';
import { bytesOf } from '#kit/quantity.ts';

/** What comes next for the growth of a claim. */
export type ExpansionPlan =
  | { readonly kind: 'leave' }
  /** No growth is under way any more: the volume's note of its size before is to go. */
  | { readonly kind: 'settle'; readonly volume: PersistentVolume }
  /** Ask the driver for `size`. */
  | {
      readonly kind: 'grow';
      readonly volume: PersistentVolume;
      readonly driverName: string;
      /** As a quantity. */
      readonly size: string;
      /** True where the claim's status does not tell of this size yet. */
      readonly isNew: boolean;
      /** How the last try of this size ended for good; undefined where none did. */
      readonly failed: 'controller' | 'node' | undefined;
    };

const leave: ExpansionPlan = { kind: 'leave' };

/**
 * Decides what comes next (external-resizer expandAndRecover). The one difference: that an earlier try ended for good is read from the
 * condition `ControllerResizeError`, not remembered, so that a restart changes nothing. Pure.
 */
export function planExpansion(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ExpansionPlan {
  if (volume === undefined || !isVolumeOfClaim(volume, claim)) return leave;
  if (!wantsGrowth(claim)) return planSettled(claim, volume);
  const driverName = volume.spec.csi?.driver;
  const size = chooseSize(claim, volume);
  if (isDeleting(claim) || driverName === undefined || size === undefined) return leave;
  const allocated = allocatedSizeOf(claim);
  const isNew = growthStatusOf(claim) === '' || allocated === undefined || bytesOf(allocated) !== bytesOf(size);
  return { kind: 'grow', volume, driverName, size, isNew, failed: isNew ? undefined : failureOf(claim) };
}

/** True where the volume carries the note of its size before a growth. */
export function isSizeNoted({ metadata }: PersistentVolume): boolean {
  return metadata.annotations?.[PRE_RESIZE_CAPACITY] !== undefined;
}

function planSettled(claim: PersistentVolumeClaim, volume: PersistentVolume): ExpansionPlan {
  return isSizeNoted(volume) && claim.status?.phase === 'Bound' && growthStatusOf(claim) === '' ? { kind: 'settle', volume } : leave;
}

/** The size to ask for; undefined while the node is at work. */
function chooseSize(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  const requested = claim.spec.resources?.requests?.['storage'];
  const recorded = allocatedSizeOf(claim) ?? requested;
  const status = growthStatusOf(claim);
  // why: a volume that has grown already waits for its node, or its recorded size is brought to its end, also where the request went back
  if (isOnNode(status)) return recorded !== undefined && capacityBytesOf(volume) < bytesOf(recorded) ? recorded : undefined;
  if (capacityBytesOf(volume) >= requestedBytesOf(claim)) return status === '' ? requested : recorded;
  return isUndecided(claim) ? recorded : requested;
}

/** While nobody knows how the last try ends, another size must not overtake it. */
function isUndecided(claim: PersistentVolumeClaim): boolean {
  const status = growthStatusOf(claim);
  if (status === 'NodeResizeInfeasible') return true;
  return status === 'ControllerResizeInProgress' && growthConditionOf(claim, 'ControllerResizeError') === undefined;
}

function isOnNode(status: string): boolean {
  return status === 'NodeResizePending' || status === 'NodeResizeInProgress';
}

function failureOf(claim: PersistentVolumeClaim): 'controller' | 'node' | undefined {
  const status = growthStatusOf(claim);
  if (status === 'NodeResizeInfeasible') return 'node';
  return growthConditionOf(claim, 'ControllerResizeError') === undefined ? undefined : 'controller';
}
