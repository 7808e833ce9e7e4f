import type { VolumeMove } from '#api/generated/definitions.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { CLONING_PROTECTION } from '#api/storage/names.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { SNAPSHOT_CLAIM_FINALIZER } from '#api/storage/snapshot.ts';
import { wait } from '../claim-swap/swap-claim.ts';
import { keepAll, notedVolume } from '../claim-swap/swap-volumes.ts';
import { newClaim } from './drafts.ts';
import { newClaimName } from './moved.ts';
import type { MovePlan } from './plan-kinds.ts';
import { targetOf } from './target.ts';
import type { MoveView } from './view.ts';

/** The claim gets its new volume, while its consumers go on; undefined when it is there, and nothing can take either away. Pure. */
export function prepare(move: VolumeMove, view: MoveView): MovePlan | undefined {
  const { oldVolume, newVolume } = move.status ?? {};
  if (newVolume === undefined) return makeNew(move, view);
  return keepAll([oldVolume, newVolume], view);
}

function makeNew(move: VolumeMove, view: MoveView): MovePlan {
  const made = view.claim(newClaimName(move));
  if (made === undefined) return askForNew(move, view);
  if (made.status?.phase !== 'Bound') return wait(`the new volume is being made; kubectl describe pvc ${made.metadata.name} says how`);
  const volume = view.volume(volumeNameOf(made));
  if (volume === undefined) return wait(`the new volume ${volumeNameOf(made)} is not there yet`);
  const node = view.node(move.status?.nodeName ?? '');
  if (node === undefined || isVolumeUsableOn(volume, node))
    return { kind: 'record', status: { phase: 'Preparing', newVolume: notedVolume(volume) } };
  const problem = `the new volume was made where node ${node.metadata.name} can't reach it, on which the data is: take a class with volumeBindingMode WaitForFirstConsumer`;
  return { kind: 'record', status: { phase: 'UndoSwapping', problem } };
}

function askForNew(move: VolumeMove, view: MoveView): MovePlan {
  const { status = {}, spec } = move;
  const claim = view.claim(spec.claimName);
  const volume = view.volume(status.oldVolume?.name ?? '');
  const name = JSON.stringify(spec.claimName);
  if (claim === undefined || isDeleting(claim)) return wait(`claim ${name} went meanwhile: decide Undo to give this up`);
  if (volume === undefined) return wait(`the volume ${status.oldVolume?.name ?? ''} of claim ${name} is gone: decide Undo to give this up`);
  const target = { ...targetOf(move, { claim, volume }, view), nodeName: status.nodeName ?? '' };
  return { kind: 'createClaim', draft: newClaim(move, target, view) };
}

/** A claim that is being copied or snapshotted is not taken away under that; undefined where it is not. Pure. */
export function whileRead(move: VolumeMove, view: MoveView): MovePlan | undefined {
  const claim = view.claim(move.spec.claimName);
  const reader = [SNAPSHOT_CLAIM_FINALIZER, CLONING_PROTECTION].find((finalizer) => claim !== undefined && hasFinalizer(claim, finalizer));
  if (reader === undefined) return undefined;
  const what = reader === CLONING_PROTECTION ? 'another claim is being made from it' : 'a snapshot of it is being taken';
  return wait(`claim ${JSON.stringify(move.spec.claimName)}: ${what}; nobody is stopped before that is done`);
}
