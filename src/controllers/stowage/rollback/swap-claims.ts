import type { VolumeRollback } from '#api/generated/definitions.ts';
import { type SwapStep, swapStep } from '../claim-swap/swap-claim.ts';
import { dropMakers, settle, unreserve } from '../claim-swap/swap-volumes.ts';
import { newClaimName } from './rolled.ts';
import { swappedClaim } from './rolled-claim.ts';
import type { RollbackView } from './view.ts';

/** The next write that gives each claim its new volume; undefined when all have theirs. Pure. */
export function swap(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  const namespace = rollback.metadata.namespace ?? '';
  for (const [index, rolled] of (rollback.status?.claims ?? []).entries()) {
    const to = rolled.newVolume?.name ?? '';
    const draft = swappedClaim(rollback, rolled, { volumeName: to, isBack: false });
    const maker = view.claim(newClaimName(rollback, index));
    const step = swapStep({ namespace, claimName: rolled.claimName, from: rolled.oldVolume.name, to, maker, draft }, view);
    if (step !== undefined) return step;
  }
  return undefined;
}

/** The next write that gives each claim its old volume, and then gives the new ones up; undefined when all is as before. Pure. */
export function swapBack(rollback: VolumeRollback, view: RollbackView): SwapStep | undefined {
  const { namespace = '', uid } = rollback.metadata;
  const claims = rollback.status?.claims ?? [];
  const makers = claims.map((_, index) => newClaimName(rollback, index));
  for (const [index, rolled] of claims.entries()) {
    const step = unreserve({ ...rolled, newVolume: rolled.newVolume, maker: { namespace, name: makers[index] ?? '', uid } }, view);
    if (step !== undefined) return step;
  }
  for (const rolled of claims) {
    const to = rolled.oldVolume.name;
    const draft = swappedClaim(rollback, rolled, { volumeName: to, isBack: true });
    const from = rolled.newVolume?.name ?? '';
    const step = swapStep({ namespace, claimName: rolled.claimName, from, to, maker: undefined, draft }, view);
    if (step !== undefined) return step;
  }
  const restored = settle(
    claims.flatMap(({ oldVolume, newVolume }) => [oldVolume, newVolume]),
    view,
  );
  return restored ?? dropMakers(makers, view);
}
