import type { VolumeRollback } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import { swappedClaim } from './kept-claim.ts';
import { newClaimName, type RolledClaim } from './rolled.ts';
import { type SwapStep, swapStep, wait } from './swap-claim.ts';
import type { RollbackView } from './view.ts';

/** The next write that gives each claim its new volume; undefined when all have theirs. Pure. */
export function swap(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  const namespace = rollback.metadata.namespace ?? '';
  for (const [index, rolled] of (rollback.status?.claims ?? []).entries()) {
    const to = rolled.newVolume?.name ?? '';
    const draft = swappedClaim(rolled, { namespace, volumeName: to, isBack: false });
    const maker = view.claim(newClaimName(rollback, index));
    const step = swapStep({ namespace, claimName: rolled.claimName, from: rolled.oldVolume.name, to, maker, draft }, view);
    if (step !== undefined) return step;
  }
  return undefined;
}

/** The next write that gives each claim its old volume, and then gives the new ones up; undefined when all is as before. Pure. */
export function swapBack(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  const namespace = rollback.metadata.namespace ?? '';
  const claims = rollback.status?.claims ?? [];
  const released = unreserve(rollback, view);
  if (released !== undefined) return released;
  for (const rolled of claims) {
    const to = rolled.oldVolume.name;
    const draft = swappedClaim(rolled, { namespace, volumeName: to, isBack: true });
    const from = rolled.newVolume?.name ?? '';
    const step = swapStep({ namespace, claimName: rolled.claimName, from, to, maker: undefined, draft }, view);
    if (step !== undefined) return step;
  }
  const restored = settle(
    claims.flatMap(({ oldVolume, newVolume }) => [oldVolume, newVolume]),
    view,
  );
  return restored ?? dropMakers(rollback, view);
}

/** A new volume that was reserved for its claim and never bound to it counts as given back: else nobody would ever reclaim it. */
function unreserve(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  const { namespace = '', uid } = rollback.metadata;
  for (const [index, rolled] of (rollback.status?.claims ?? []).entries()) {
    const volume = view.volume(rolled.newVolume?.name ?? '');
    if (volume === undefined || !isReserved(volume, rolled, view.claim(rolled.claimName))) continue;
    const claimRef = { namespace, name: newClaimName(rollback, index), uid };
    return { kind: 'patchVolume', volume, body: { spec: { claimRef } } };
  }
  return undefined;
}

function isReserved({ metadata, spec }: PersistentVolume, { claimName }: RolledClaim, claim: PersistentVolumeClaim | undefined): boolean {
  if (claim !== undefined && volumeNameOf(claim) === metadata.name) return false;
  return spec.claimRef?.name === claimName && (spec.claimRef.uid ?? '') === '';
}

/** The next write by which volumes get the reclaim policies that they are to have; undefined when all have. Pure. */
export function settle(volumes: readonly (RolledClaim['newVolume'] | undefined)[], view: RollbackView): SwapStep | undefined {
  for (const wanted of volumes) {
    const volume = view.volume(wanted?.name ?? '');
    const policy = wanted?.reclaimPolicy;
    if (volume === undefined || policy === undefined || reclaimPolicyOf(volume) === policy) continue;
    return { kind: 'patchVolume', volume, body: { spec: { persistentVolumeReclaimPolicy: policy } } };
  }
  return undefined;
}

function dropMakers(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  for (const index of (rollback.status?.claims ?? []).keys()) {
    const maker: PersistentVolumeClaim | undefined = view.claim(newClaimName(rollback, index));
    if (maker === undefined) continue;
    return isDeleting(maker) ? wait(`claim ${maker.metadata.name} is on its way out`) : { kind: 'deleteClaim', claim: maker };
  }
  return undefined;
}
