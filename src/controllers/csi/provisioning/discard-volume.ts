import { done, type Ctx } from '#machinery/runtime/controller.ts';
import { grpcText } from '../driver-work/driver-answers.ts';
import { tryAgain } from '../driver-work/ladder.ts';
import type { End } from '../driver-work/steps.ts';
import { type ClaimsInFlight, dropTrace, isPublished } from './claim-traces.ts';
import type { MadeVolume, ProvisioningOrder } from './create-volume.ts';
import * as say from './events.ts';

/** A volume that was just made and can't become the claim's. */
export interface Unwanted {
  readonly order: ProvisioningOrder;
  readonly made: MadeVolume;
  /** What is wrong with it; undefined where its claim does not want it any more. */
  readonly problem: string | undefined;
}

/** Deletes a volume that was just made; never one that a PersistentVolume tells of, which an earlier try may have written unseen. */
export async function discardVolume(ctx: Ctx, flight: ClaimsInFlight, { order, made, problem }: Unwanted): Promise<End> {
  if (await isPublished(ctx, order.claim)) {
    await dropTrace(ctx, flight, order.claim);
    return done;
  }
  try {
    await made.unmake();
  } catch (thrown) {
    ctx.events.record(say.cleanupFailed(order.claim, grpcText(thrown)));
    return tryAgain;
  }
  if (problem === undefined) {
    await dropTrace(ctx, flight, order.claim);
    return done;
  }
  ctx.events.record(say.provisioningFailed(order.claim, order.storageClass, problem));
  return tryAgain;
}
