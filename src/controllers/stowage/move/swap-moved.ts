import type { VolumeMove } from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { keep, type SwapStep, swapStep, wait } from '../claim-swap/swap-claim.ts';
import { dropMakers, settle, unreserve } from '../claim-swap/swap-volumes.ts';
import type { SwapView } from '../claim-swap/swap-view.ts';
import { movedClaimDraft, oldClaimDraft } from './drafts.ts';
import { whyNotGranted } from './grants.ts';
import { isToAnotherNamespace, keepsVolume, newClaimName, targetNamespaceOf } from './moved.ts';
import type { MoveView } from './view.ts';

/** The next write that gives the claim its new volume, in the namespace where it is to be; undefined when it has it. Pure. */
export function swap(move: VolumeMove, view: MoveView): SwapStep | undefined {
  const { claimName } = move.spec;
  const { from, to } = volumesOf(move);
  const problem = whyNotGranted(move, view.grants());
  if (problem !== undefined) return wait(problem);
  const left = isToAnotherNamespace(move) ? leave(claimName, from, view) : undefined;
  if (left !== undefined) return left;
  const maker = keepsVolume(move) ? undefined : view.claim(newClaimName(move));
  return swapStep({ namespace: targetNamespaceOf(move), claimName, from, to, maker, draft: movedClaimDraft(move, view) }, view.target);
}

/** The next write that gives the claim its old volume where it was, and then gives the new one up; undefined when all is as before. Pure. */
export function swapBack(move: VolumeMove, view: MoveView): SwapStep | undefined {
  const { claimName } = move.spec;
  const { namespace = '', uid } = move.metadata;
  const { from: old, to: fresh } = volumesOf(move);
  const left = isToAnotherNamespace(move) ? leaveTarget(move, view) : undefined;
  if (left !== undefined) return left;
  const newVolume = keepsVolume(move) ? undefined : move.status?.newVolume;
  const released = unreserve({ claimName, newVolume, maker: { namespace, name: newClaimName(move), uid } }, view.target);
  if (released !== undefined) return released;
  const draft = oldClaimDraft(move);
  const step = swapStep({ namespace, claimName, from: fresh, to: old, maker: undefined, draft }, view);
  if (step !== undefined) return step;
  return settle([move.status?.oldVolume, newVolume], view) ?? dropMakers([newClaimName(move)], view);
}

function volumesOf({ status }: VolumeMove): { readonly from: string; readonly to: string } {
  return { from: status?.oldVolume?.name ?? '', to: status?.newVolume?.name ?? '' };
}

/** The claim of the other namespace goes again: only where it is what the move has made there, and as long as that namespace lets it. */
function leaveTarget(move: VolumeMove, view: MoveView): SwapStep | undefined {
  const { to } = volumesOf(move);
  const claim = view.target.claim(move.spec.claimName);
  if (claim === undefined || to === '' || volumeNameOf(claim) !== to) return undefined;
  const problem = whyNotGranted(move, view.grants());
  if (problem !== undefined) return wait(problem);
  const users = view.target.usersOf(move.spec.claimName).length;
  // why not stopped: who may undo this here may not stop anybody there
  if (!isDeleting(claim) && users > 0)
    return wait(
      `${users} ${users === 1 ? 'pod' : 'pods'} of namespace ${targetNamespaceOf(move)} still ${users === 1 ? 'uses' : 'use'} the claim: stop them there`,
    );
  return leave(move.spec.claimName, to, view.target);
}

/** A claim that goes, and whose volume stays; undefined when it is gone, or is another's. */
function leave(claimName: string, volumeName: string, view: SwapView): SwapStep | undefined {
  const claim = view.claim(claimName);
  if (claim === undefined || volumeNameOf(claim) !== volumeName) return undefined;
  const volume = view.volume(volumeName);
  if (volume !== undefined && (volume.spec.persistentVolumeReclaimPolicy ?? 'Retain') !== 'Retain') return keep(volume);
  if (!isDeleting(claim)) return { kind: 'deleteClaim', claim };
  const users = view.usersOf(claimName).map(({ metadata }) => metadata.name);
  return wait(
    `claim ${JSON.stringify(claimName)} is on its way out${users.length === 0 ? '' : `: it is used by pods ${users.join(', ')}`}`,
  );
}
