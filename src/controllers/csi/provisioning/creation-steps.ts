import { volumeSnapshots } from '#api/generated/definitions.ts';
import { addingFinalizer, hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { requestedBytesOf, selectedNodeOf, volumeNameOf } from '#api/storage/claim.ts';
import { IN_FLIGHT_FINALIZER } from '#api/storage/names.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done } from '#machinery/runtime/controller.ts';
import type { DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import type { Failure } from '../driver-work/failure.ts';
import { MENDING_POLL_MS, tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End, Prepared } from '../driver-work/steps.ts';
import { type ClaimsInFlight, forgetFlight, isPublished, markInFlight, reschedule } from './claim-traces.ts';
import { contentOf, type Kept, keptObjectOf } from './content-source.ts';
import { createVolume, type CreationWork, type MadeVolume, type ProvisioningOrder, requestCreation } from './create-volume.ts';
import { discardVolume } from './discard-volume.ts';
import * as say from './events.ts';
import type { TopologyMap } from './topology.ts';
import { sizeOf, volumeDraft } from './volume-object.ts';

/** The code that says that the driver will never make such a volume (external-provisioner checkError). */
const INFEASIBLE: ReadonlySet<ErrorCode> = new Set(['InvalidArgument']);

/** A cache that is behind is looked at again after this. */
const CACHE_POLL_MS = 1_000;

/** What the steps of provisioning look at beside their order. */
export interface ProvisioningAids extends ClaimsInFlight {
  readonly topologies: TopologyMap;
  readonly capabilities: DriverCapabilities<CreationWork['capabilities']>;
}

/** How a volume is made for a claim. */
export function creationSteps(aids: ProvisioningAids): DriverSteps<CreationWork> {
  return {
    operation: 'volume_provision',
    infeasible: INFEASIBLE,
    capabilities: aids.capabilities,
    // why without a word: the plan has said it, and the driver left between the plan and here; its coming back wakes the claim
    away: () => after(MENDING_POLL_MS, 'waiting for the driver'),
    prepare: (ctx, order) => prepare(ctx, aids, order),
    request: (order, capabilities) => requestCreation(aids.topologies, order, capabilities),
    send: (order, sending) => createVolume(aids.history, order, sending),
    finish: (ctx, order, made) => finish(ctx, aids, { order, made }),
    fail,
  };
}

async function prepare(ctx: Ctx, aids: ProvisioningAids, order: ProvisioningOrder): Promise<Prepared<ProvisioningOrder>> {
  // why: where an answer was lost, the volume may be told of already, and is in somebody's hands then
  const mayBeThere = hasFinalizer(order.claim, IN_FLIGHT_FINALIZER) && aids.history.of(order.claim.metadata.uid) !== 'unasked';
  if (mayBeThere && (await isPublished(ctx, order.claim)))
    return { kind: 'stop', outcome: after(CACHE_POLL_MS, 'waiting until the cache has the PersistentVolume') };
  // why before the call: after a crash this finalizer is the only trace of the volume. And before the next: a source of another namespace is kept for claims in flight alone
  const claim = await markInFlight(ctx, order.claim);
  // why before the call: once the driver may be at work, what it copies has to stay, also to find the copy again
  const kept = order.source && keptObjectOf(order.source);
  if (kept !== undefined && !(await keepSource(ctx, kept)))
    return { kind: 'stop', outcome: after(MENDING_POLL_MS, 'what is to be copied is gone') };
  ctx.events.record(say.provisioning(claim));
  return { kind: 'ready', order: { ...order, claim } };
}

/** False where the source is being deleted, or gone. */
async function keepSource(ctx: Ctx, kept: Kept): Promise<boolean> {
  if (hasFinalizer(kept.object, kept.finalizer)) return true;
  const patch = { type: 'merge', body: addingFinalizer(kept.object, kept.finalizer) } as const;
  try {
    if (kept.kind === 'claim') await ctx.client.patch(persistentVolumeClaims, { key: keyOf(kept.object), patch });
    else await ctx.client.patch(volumeSnapshots, { key: keyOf(kept.object), patch });
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound', 'InvalidArgument', 'FailedPrecondition')) return false;
    throw thrown;
  }
}

interface Made {
  readonly order: ProvisioningOrder;
  readonly made: MadeVolume;
}

async function finish(ctx: Ctx, aids: ProvisioningAids, { order, made }: Made): Promise<End> {
  const { claim } = order;
  const current = aids.claims.get(keyOf(claim));
  const isWanted = current?.metadata.uid === claim.metadata.uid && !isDeleting(current) && volumeNameOf(current) === '';
  if (!isWanted) return discardVolume(ctx, aids, { order, made, problem: undefined });
  const problem = whyUnusable(order, made) ?? (await publish(ctx, { order, made }));
  if (problem !== undefined) return discardVolume(ctx, aids, { order, made, problem });
  forgetFlight(aids, claim);
  ctx.events.record(say.provisioningSucceeded(claim));
  return done;
}

/** Why the fresh volume can't become the claim's; undefined where it can. */
function whyUnusable({ claim, source }: ProvisioningOrder, { volume }: MadeVolume): string | undefined {
  const [wanted, got] = [requestedBytesOf(claim), sizeOf(volume)];
  if (got !== 0n && got < wanted) return `created volume capacity ${got} less than requested capacity ${wanted}`;
  // why: a driver that does not say what it copied may have made an empty volume
  const isFilled = source !== undefined && contentOf(source) !== undefined;
  return isFilled && volume.contentSource === undefined ? 'volume content source missing' : undefined;
}

/** Writes the PersistentVolume, and answers why it can't be. One that exists already is from an earlier try. */
async function publish(ctx: Ctx, { order, made: { volume } }: Made): Promise<string | undefined> {
  const { claim, storageClass, parameters } = order;
  try {
    await ctx.client.create(persistentVolumes, volumeDraft({ claim, storageClass, parameters, volume }));
  } catch (thrown) {
    if (hasCode(thrown, 'FailedPrecondition', 'InvalidArgument', 'PermissionDenied'))
      return `the PersistentVolume was refused: ${thrown.message}`;
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  return undefined;
}

async function fail(ctx: Ctx, { claim, storageClass }: ProvisioningOrder, { error, problem, isInfeasible }: Failure): Promise<End> {
  ctx.events.record(isInfeasible ? say.provisioningInfeasible(claim, problem) : say.provisioningFailed(claim, storageClass, problem));
  const isPlaced = storageClass.volumeBindingMode === 'WaitForFirstConsumer' && selectedNodeOf(claim) !== '';
  if (isPlaced && error.code === 'ResourceExhausted') await reschedule(ctx, claim);
  return tryAgain;
}
