import type { DeletedClaim } from '#api/generated/definitions.ts';
import type { Namespace, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import type { Draft } from '#api/meta/object.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import { claimRecordOf, type ClaimRecord, GRACE_FINALIZER, recordClaim } from '#api/undelete/claim-record.ts';
import { isPassingClaim } from '#api/undelete/deletion-grace.ts';
import { formatTime } from '#kit/clock.ts';
import { deletedClaimDraft } from './deleted-claim.ts';

/** One step of the way out of a claim, or of its protection. */
export type ClaimAction =
  /** The finalizer is to be there, or to be there no more. */
  | { readonly kind: 'protect' }
  | { readonly kind: 'release' }
  /** What it takes to bring the claim back is written on its volume. */
  | {
      readonly kind: 'record';
      readonly volume: PersistentVolume;
      readonly record: ClaimRecord;
      readonly left: readonly string[];
      readonly namespaceUid: string;
    }
  /** It is told of in its namespace, so that its place in the quotas is never free in between. */
  | { readonly kind: 'show'; readonly draft: Draft<DeletedClaim> };

/** What is done for a claim that stays. Pure. */
export function planProtection(
  claim: PersistentVolumeClaim,
  { graceMs, isReclaimedHere }: { readonly graceMs: number | undefined; readonly isReclaimedHere: boolean },
): readonly ClaimAction[] {
  const wants = graceMs !== undefined && isReclaimedHere && !isPassingClaim(claim);
  if (wants === hasFinalizer(claim, GRACE_FINALIZER)) return [];
  // why not taken off where only the driver is away: it comes back
  if (!wants && graceMs !== undefined && !isPassingClaim(claim)) return [];
  return [{ kind: wants ? 'protect' : 'release' }];
}

/** What a claim that goes is judged by: as the API has it now, since caches may be behind. */
export interface DeletionView {
  /** The volume that the claim names. */
  readonly volume: PersistentVolume | undefined;
  readonly namespace: Namespace | undefined;
  /** Of its class, now: the moment of the deletion decides. */
  readonly graceMs: number | undefined;
  readonly nowMs: number;
}

/** True where the claim goes, and nothing holds it but what keeps its volume. Pure. */
export function isLast(claim: PersistentVolumeClaim): boolean {
  return isDeleting(claim) && claim.metadata.finalizers?.length === 1 && hasFinalizer(claim, GRACE_FINALIZER);
}

/** What is done for a claim that nothing else holds. In order: what was promised is written before the claim is gone. Pure. */
export function planDeletion(claim: PersistentVolumeClaim, { volume, namespace, graceMs, nowMs }: DeletionView): readonly ClaimAction[] {
  const release: ClaimAction = { kind: 'release' };
  // why not one that is deleted: whoever deletes the volume itself wants it gone
  if (volume === undefined || volume.spec.claimRef?.uid !== claim.metadata.uid || isDeleting(volume)) return [release];
  const known = claimRecordOf(volume);
  if (known.ok && known.value.uid === claim.metadata.uid) return [...show(volume, known.value, namespace), release];
  if (graceMs === undefined || reclaimPolicyOf(volume) !== 'Delete' || isPassingClaim(claim)) return [release];
  const { record, left } = recordClaim(claim, { volume, nowMs, graceMs, format: formatTime });
  const namespaceUid = namespace?.metadata.uid ?? '';
  return [{ kind: 'record', volume, record, left, namespaceUid }, ...show(volume, record, namespace), release];
}

/** Nothing new comes into a namespace that goes. */
function show(volume: PersistentVolume, record: ClaimRecord, namespace: Namespace | undefined): readonly ClaimAction[] {
  if (namespace === undefined || isDeleting(namespace)) return [];
  return [{ kind: 'show', draft: deletedClaimDraft(volume, record) }];
}
