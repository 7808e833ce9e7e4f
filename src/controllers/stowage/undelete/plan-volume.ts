import type { DeletedClaim } from '#api/generated/definitions.ts';
import type { Namespace, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import type { Draft } from '#api/meta/object.ts';
import { isBindCompleted } from '#api/storage/claim.ts';
import { claimRecordOf, type ClaimRecord, DELETED_IN, GRACE_FINALIZER } from '#api/undelete/claim-record.ts';
import { whyUnfit } from '../../cluster/binding/plan-claim.ts';
import { deletedClaimDraft, mayHaveBack } from './deleted-claim.ts';

/** How it ended that a claim could be brought back. */
export type Ending = 'restored' | 'over' | 'let-go' | 'taken';

/** The next step for a volume whose claim was deleted. */
export type KeptPlan =
  /** The volume goes to the claim that asks for it. */
  | { readonly kind: 'adopt'; readonly claim: PersistentVolumeClaim }
  /** What was written down is taken off; the volume goes as its policy says. */
  | { readonly kind: 'end'; readonly how: Exclude<Ending, 'restored'>; readonly why: string }
  /** It is told of in its namespace. */
  | { readonly kind: 'show'; readonly draft: Draft<DeletedClaim> }
  /** What tells of it may go, as its namespace goes. */
  | { readonly kind: 'hide'; readonly told: DeletedClaim }
  | { readonly kind: 'refuse'; readonly claim: PersistentVolumeClaim; readonly why: string; readonly next: KeptPlan }
  | { readonly kind: 'unreadable'; readonly problem: string }
  /** Nothing before `untilMs`. */
  | { readonly kind: 'wait'; readonly untilMs: number };

/** What is looked at beside the volume. */
export interface KeptView {
  /** Of its claim, as the API has it now. */
  readonly namespace: Namespace | undefined;
  readonly told: DeletedClaim | undefined;
  /** True where the kind DeletedClaim itself is being deleted, or is gone. */
  readonly isKindGoing: boolean;
  /** Claims of the namespace that name the volume, the oldest first. */
  readonly claims: readonly PersistentVolumeClaim[];
  /** True where claims of that claim's class get the finalizer. */
  readonly isGraced: (claim: PersistentVolumeClaim) => boolean;
  readonly nowMs: number;
}

/** Decides what comes next for a volume with a record. Pure. */
export function planKept(volume: PersistentVolume, view: KeptView): KeptPlan {
  const record = claimRecordOf(volume);
  if (!record.ok) return isDeleting(volume) ? letGo('the volume was deleted') : { kind: 'unreadable', problem: record.error };
  if (volume.spec.claimRef?.uid !== record.value.uid) return { kind: 'end', how: 'taken', why: 'the volume was given to somebody else' };
  if (isDeleting(volume)) return letGo('the volume was deleted');
  return planTold(volume, record.value, view) ?? planReturn(volume, record.value, view);
}

/** Somebody has deleted what tells of it. Who deletes a namespace, or the kind, has not looked at each thing in it, and does not mean the volume. */
function planTold(volume: PersistentVolume, { uid }: ClaimRecord, { told, namespace, isKindGoing }: KeptView): KeptPlan | undefined {
  if (told === undefined || !isDeleting(told) || told.spec.claimUid !== uid) return undefined;
  const isMeant = namespace !== undefined && !isDeleting(namespace) && !isKindGoing;
  if (isMeant && mayHaveBack(volume, namespace.metadata.uid)) return letGo('its DeletedClaim was deleted');
  return hasFinalizer(told, GRACE_FINALIZER) ? { kind: 'hide', told } : undefined;
}

function planReturn(volume: PersistentVolume, record: ClaimRecord, view: KeptView): KeptPlan {
  const claim = view.claims.find((each) => !isDeleting(each) && !isBindCompleted(each) && each.metadata.uid !== record.uid);
  if (claim === undefined) return planWait(volume, record, view);
  const why = mayHaveBack(volume, view.namespace?.metadata.uid) ? whyUnfit(volume, claim) : undefined;
  if (why !== undefined) {
    const text = `the volume ${volume.metadata.name} of the deleted claim can't be given to it: ${why}; create it as the DeletedClaim's spec.claim has it`;
    return { kind: 'refuse', claim, why: text, next: planWait(volume, record, view) };
  }
  if (!mayHaveBack(volume, view.namespace?.metadata.uid))
    return { kind: 'refuse', claim, why: whyForeign(volume, view.namespace), next: planWait(volume, record, view) };
  // why: deleted at once it would otherwise leave nothing behind; its finalizer wakes this
  if (view.isGraced(claim) && !hasFinalizer(claim, GRACE_FINALIZER)) return { kind: 'wait', untilMs: view.nowMs + SOON_MS };
  return { kind: 'adopt', claim };
}

/** How soon a claim is looked at again that is about to get its finalizer, in milliseconds. */
const SOON_MS = 1_000;

function planWait(volume: PersistentVolume, record: ClaimRecord, view: KeptView): KeptPlan {
  const untilMs = Date.parse(record.keptUntil);
  if (view.nowMs >= untilMs) return { kind: 'end', how: 'over', why: `it was kept until ${record.keptUntil}` };
  const isHome = mayHaveBack(volume, view.namespace?.metadata.uid) && view.namespace !== undefined && !isDeleting(view.namespace);
  if (isHome && view.told === undefined) return { kind: 'show', draft: deletedClaimDraft(volume, record) };
  return { kind: 'wait', untilMs };
}

function letGo(why: string): KeptPlan {
  return { kind: 'end', how: 'let-go', why };
}

function whyForeign({ metadata }: PersistentVolume, namespace: Namespace | undefined): string {
  const name = namespace?.metadata.name ?? '';
  return `the volume ${metadata.name} was kept for a namespace ${name} that is gone, and this one is another: an administrator gives it over with stowage undelete, or kubectl annotate --overwrite pv ${metadata.name} ${DELETED_IN}=${namespace?.metadata.uid ?? ''}`;
}
