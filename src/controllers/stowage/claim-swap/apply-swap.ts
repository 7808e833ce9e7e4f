import { type KubeObject, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Patch } from '#machinery/client/client.ts';
import { after, type Ctx, type Outcome } from '#machinery/runtime/controller.ts';
import type { SwapStep } from './swap-claim.ts';
import { SWAP_POLL_MS, type SwapJob, tell } from './swap-job.ts';

/** Does one write of a swap, or says what it waits for. */
export async function applySwap(ctx: Ctx, job: SwapJob, step: SwapStep): Promise<Outcome> {
  switch (step.kind) {
    case 'wait':
      await tell(job, step.message);
      return after(SWAP_POLL_MS, step.message);
    case 'createClaim':
      return tryToMake(job, 'a claim', () => ctx.client.create(persistentVolumeClaims, step.draft));
    case 'deleteClaim':
      await ctx.client.delete(persistentVolumeClaims, keyOf(step.claim), { uid: step.claim.metadata.uid });
      return after(SWAP_POLL_MS, 'a claim goes');
    case 'patchClaim':
      await ctx.client.patch(persistentVolumeClaims, { key: keyOf(step.claim), patch: mergeOf(step.body, step.claim) });
      return after(SWAP_POLL_MS, 'a claim changes');
    case 'patchVolume':
      await ctx.client.patch(persistentVolumes, { key: keyOf(step.volume), patch: mergeOf(step.body, step.volume) });
      return after(SWAP_POLL_MS, 'a volume changes');
    default:
      return assertNever(step);
  }
}

/** Makes something; a refusal, as by a quota, is told in the status, and it is tried again. */
export async function tryToMake(job: SwapJob, what: string, make: () => Promise<unknown>): Promise<Outcome> {
  try {
    await make();
    return after(SWAP_POLL_MS, `${what} is made`);
  } catch (thrown) {
    if (!hasCode(thrown, 'PermissionDenied', 'FailedPrecondition', 'InvalidArgument')) throw thrown;
    const message = `${what} can not be made: ${PlatformError.from(thrown).message}`;
    await tell(job, message);
    return after(SWAP_POLL_MS, message);
  }
}

/** A write that is refused where what it was planned from is no longer there. */
function mergeOf(body: object, { metadata: { resourceVersion } }: KubeObject): Patch {
  const metadata = 'metadata' in body && typeof body.metadata === 'object' ? body.metadata : {};
  return { type: 'merge', body: { ...body, metadata: { ...metadata, resourceVersion } } };
}
