import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { volumeModeOf, volumeNameOf } from '#api/storage/claim.ts';
import { BOUND_BY_CONTROLLER, PROVISIONED_BY } from '#api/storage/names.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { modeMismatch } from './events.ts';

/** What is to be done for a volume. */
export type VolumePlan =
  /** See that its phase is this one. */
  | { readonly kind: 'phase'; readonly phase: 'Available' | 'Bound' | 'Released' }
  /** The claim's reconcile goes on with it. */
  | { readonly kind: 'leave' }
  /** Reserved for a claim that it does not suit. */
  | { readonly kind: 'complain'; readonly events: readonly EventDraft[] }
  /** Its claim has another volume: give it free, or back to the user's reservation. */
  | { readonly kind: 'unbind'; readonly keepReservation: 'none' | 'by-name' };

/** What a plan knows beside the two objects. */
export interface VolumeFacts {
  /** True where nobody is about to write that the claim has the volume, and the claim is as the API has it now. */
  readonly isAbandoned?: boolean;
}

/** Decides what comes next for `volume` (upstream's syncVolume). `claim`: the one of the claimRef's name and UID; undefined where it is gone. Pure. */
export function planVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined, facts: VolumeFacts = {}): VolumePlan {
  const ref = volume.spec.claimRef;
  if (ref === undefined || (ref.uid ?? '') === '') return { kind: 'phase', phase: 'Available' };
  if (claim === undefined) return released(volume);
  if (volumeNameOf(claim) === volume.metadata.name) return { kind: 'phase', phase: 'Bound' };
  return volumeNameOf(claim) === '' ? planUnfinished(volume, claim, facts) : planRejected(volume);
}

/** True where a binding was begun (the volume's phase is written, the claim's volumeName is not) and the volume deleted since: nobody goes on with it. */
export function isCutOff(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): boolean {
  return isDeleting(volume) && volume.status?.phase === 'Bound' && claim !== undefined && volumeNameOf(claim) === '';
}

/** True where the phase of `volume` can be told without a look at its claim: it was given up for good, and a claim of that UID never comes back. */
export function isGivenUp(volume: PersistentVolume): boolean {
  const phase = volume.status?.phase;
  return (phase === 'Released' || phase === 'Failed') && (volume.spec.claimRef?.uid ?? '') !== '';
}

function released(volume: PersistentVolume): VolumePlan {
  // why: Failed says more than Released, and a person is to see it
  return volume.status?.phase === 'Failed' ? { kind: 'leave' } : { kind: 'phase', phase: 'Released' };
}

function planUnfinished(volume: PersistentVolume, claim: PersistentVolumeClaim, { isAbandoned = false }: VolumeFacts): VolumePlan {
  // why: nobody binds what is being deleted, and while its object is there no other is made for the claim. The phase Bound is written before the claim
  // gets the volume, and with the version that was read: who is about to bind it and who releases it can't both go on
  const isFree = isAbandoned || volume.status?.phase !== 'Bound';
  if (isDeleting(volume) && isFree && isDisposable(volume)) return released(volume);
  const isMismatch = volumeModeOf(claim.spec) !== volumeModeOf(volume.spec);
  return isMismatch ? { kind: 'complain', events: modeMismatch(volume, claim) } : { kind: 'leave' };
}

function planRejected(volume: PersistentVolume): VolumePlan {
  // why: the claim has found another: nobody will want it
  if (isDisposable(volume)) return released(volume);
  return { kind: 'unbind', keepReservation: volume.metadata.annotations?.[BOUND_BY_CONTROLLER] === undefined ? 'by-name' : 'none' };
}

/** It was made for its claim alone, and is to go with it. */
function isDisposable(volume: PersistentVolume): boolean {
  return volume.metadata.annotations?.[PROVISIONED_BY] !== undefined && reclaimPolicyOf(volume) === 'Delete';
}
