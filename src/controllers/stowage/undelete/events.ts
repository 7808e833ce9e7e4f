import type { DeletedClaim } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** A claim has gone, and its volume stays for a time: told about the claim, which people look for, and about the volume. */
export function volumeKept(
  claim: PersistentVolumeClaim,
  volume: PersistentVolume,
  { keptUntil, left }: { readonly keptUntil: string; readonly left: readonly string[] },
): readonly EventDraft[] {
  const { namespace = '', name } = claim.metadata;
  const without = left.length === 0 ? '' : `; there was no room for its annotations ${left.join(', ')}`;
  const message = `claim ${namespace}/${name} was deleted; its volume ${volume.metadata.name} is kept until ${keptUntil}: stowage undelete pvc/${name} -n ${namespace} brings both back${without}`;
  return [claim, volume].map((about): EventDraft => ({ about, type: 'Normal', reason: 'DeletedClaimKept', message }));
}

/** A claim has its volume of before. */
export function undeleted(claim: PersistentVolumeClaim, volume: PersistentVolume): readonly EventDraft[] {
  const { namespace = '', name } = claim.metadata;
  const message = `claim ${namespace}/${name} has the volume ${volume.metadata.name} of the deleted claim ${claimKeyOf(volume) ?? ''}`;
  return [claim, volume].map((about): EventDraft => ({ about, type: 'Normal', reason: 'Undeleted', message }));
}

/** A claim that asks for the volume of a deleted one does not get it. */
export function undeleteRefused(claim: PersistentVolumeClaim, why: string): EventDraft {
  return { about: claim, type: 'Warning', reason: 'UndeleteRefused', message: why };
}

/** The volume goes as its reclaim policy says: told where the claim was, as far as anybody can still look there. */
export function graceEnded(volume: PersistentVolume, told: DeletedClaim | undefined, why: string): readonly EventDraft[] {
  const message = `${why}; the volume ${volume.metadata.name} of the deleted claim ${claimKeyOf(volume) ?? ''} goes as its reclaim policy says`;
  const about: readonly KubeObject[] = told === undefined ? [volume] : [volume, told];
  return about.map((object): EventDraft => ({ about: object, type: 'Normal', reason: 'DeletionGraceEnded', message }));
}

/** What is kept can't be told of in its namespace; it stays. */
export function notTold(volume: PersistentVolume, problem: string): EventDraft {
  const message = `the DeletedClaim ${volume.metadata.name} that tells of it can not be made, the volume is kept all the same: ${problem}`;
  return { about: volume, type: 'Warning', reason: 'DeletedClaimNotShown', message };
}

/** What was written down is not readable; the volume stays. */
export function recordUnreadable(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'DeletedClaimUnreadable', message: problem };
}

/** Nothing is kept for the class: it says no time that there is (an API that is not Stowage's takes every annotation). */
export function graceInvalid(storageClass: StorageClass, problem: string): EventDraft {
  return { about: storageClass, type: 'Warning', reason: 'DeletionGraceInvalid', message: problem };
}
