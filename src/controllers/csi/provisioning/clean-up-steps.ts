import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Ctx, done } from '#machinery/runtime/controller.ts';
import { grpcText } from '../driver-work/driver-answers.ts';
import type { Failure } from '../driver-work/failure.ts';
import { tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End, Prepared } from '../driver-work/steps.ts';
import { isNothingThere } from './call-history.ts';
import { dropTrace, isPublished } from './claim-traces.ts';
import type { CreationWork, ProvisioningOrder } from './create-volume.ts';
import { creationSteps, type ProvisioningAids } from './creation-steps.ts';
import { discardVolume } from './discard-volume.ts';
import { RequestImpossible } from './errors.ts';
import * as say from './events.ts';

/** How a volume that nobody wants any more is got rid of: looked for by its name, the only way that CSI has, which makes it where it is not there; then deleted. */
export function cleanUpSteps(aids: ProvisioningAids): DriverSteps<CreationWork> {
  return {
    ...creationSteps(aids),
    operation: 'volume_delete',
    infeasible: new Set(),
    prepare: (ctx, order) => prepare(ctx, aids, order),
    finish: (ctx, order, made) => discardVolume(ctx, aids, { order, made, problem: undefined }),
    fail: (ctx, { claim }, failure) => fail(ctx, aids, { claim, failure }),
  };
}

async function prepare(ctx: Ctx, aids: ProvisioningAids, order: ProvisioningOrder): Promise<Prepared<ProvisioningOrder>> {
  const { claim } = order;
  if (aids.history.of(claim.metadata.uid) === 'unasked') {
    await dropTrace(ctx, aids, claim);
    return { kind: 'stop', outcome: done };
  }
  if (!(await isPublished(ctx, claim))) return { kind: 'ready', order };
  await dropTrace(ctx, aids, claim);
  return { kind: 'stop', outcome: done };
}

async function fail(
  ctx: Ctx,
  aids: ProvisioningAids,
  { claim, failure: { error } }: { readonly claim: PersistentVolumeClaim; readonly failure: Failure },
): Promise<End> {
  if (error instanceof RequestImpossible || isNothingThere(error, aids.history.of(claim.metadata.uid))) {
    await dropTrace(ctx, aids, claim);
    return done;
  }
  ctx.events.record(say.cleanupFailed(claim, grpcText(error)));
  return tryAgain;
}
