import type { VolumeRollback } from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import { bytesOf } from '#kit/quantity.ts';
import { wait } from '../claim-swap/swap-claim.ts';
import { keepAll, notedVolume } from '../claim-swap/swap-volumes.ts';
import type { RollbackPlan } from './plan-kinds.ts';
import { newClaimName, type RolledClaim } from './rolled.ts';
import { newClaim } from './rolled-claim.ts';
import type { RollbackView } from './view.ts';

/** Each claim gets its new volume, while its consumers go on; undefined when all have theirs, and nothing can take them away. Pure. */
export function prepare(rollback: VolumeRollback, view: RollbackView): RollbackPlan | undefined {
  const claims = rollback.status?.claims ?? [];
  for (const [index, rolled] of claims.entries()) {
    const step = makeNew(rollback, { index, rolled }, view);
    if (step?.kind === 'createClaim') return step;
  }
  for (const [index, rolled] of claims.entries()) {
    const step = makeNew(rollback, { index, rolled }, view);
    if (step !== undefined) return step;
  }
  const known = claims.map((rolled, index) => ({ ...rolled, newVolume: rolled.newVolume ?? newVolumeOf(rollback, index, view) }));
  if (claims.some(({ newVolume }) => newVolume === undefined)) return { kind: 'record', status: { phase: 'Preparing', claims: known } };
  // why before anybody is stopped: a StatefulSet may delete its claims when it is stopped (persistentVolumeClaimRetentionPolicy)
  return keepAll(
    claims.flatMap(({ oldVolume, newVolume }) => [oldVolume, newVolume]),
    view,
  );
}

function makeNew(
  rollback: VolumeRollback,
  { index, rolled }: { readonly index: number; readonly rolled: RolledClaim },
  view: RollbackView,
): RollbackPlan | undefined {
  if (rolled.newVolume !== undefined) return undefined;
  const made = view.claim(newClaimName(rollback, index));
  const name = JSON.stringify(rolled.claimName);
  if (made !== undefined) {
    if (made.status?.phase === 'Bound') return undefined;
    return wait(`the volume from snapshot ${rolled.volumeSnapshotName} is being made; kubectl describe pvc ${made.metadata.name} says how`);
  }
  const oldClaim = view.claim(rolled.claimName);
  if (oldClaim === undefined || isDeleting(oldClaim)) return wait(`claim ${name} went meanwhile: decide Undo to give this up`);
  const oldVolume = view.volume(rolled.oldVolume.name);
  if (oldVolume === undefined) return wait(`the volume ${rolled.oldVolume.name} of claim ${name} is gone: decide Undo to give this up`);
  const restoreBytes = bytesOf(String(view.snapshot(rolled.volumeSnapshotName)?.status?.restoreSize ?? '0'));
  const storageClass = view.storageClass(classOfClaim(oldClaim));
  return {
    kind: 'createClaim',
    draft: newClaim(rollback, rolled, { index, restoreBytes, oldClaim, oldVolume, storageClass, nodes: view.nodes() }),
  };
}

function newVolumeOf(rollback: VolumeRollback, index: number, view: RollbackView): RolledClaim['newVolume'] {
  const made = view.claim(newClaimName(rollback, index));
  const volume = made === undefined ? undefined : view.volume(volumeNameOf(made));
  return volume === undefined ? undefined : notedVolume(volume);
}
