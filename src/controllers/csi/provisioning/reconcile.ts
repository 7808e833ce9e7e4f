import type { PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { attributesClassOf, classOfClaim, cloneSourceKeyOf, requestedBytesOf, selectedNodeOf, volumeNameOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { translateClass } from '#api/storage/in-tree/translate-class.ts';
import { CLONING_PROTECTION, IN_FLIGHT_FINALIZER, provisionedNameOf, SELECTED_NODE } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { md5 } from '#kit/md5.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { grpcText } from '../driver-work/driver-answers.ts';
import type { ConnectedDrivers } from '../driver-work/drivers.ts';
import { type Attempts, cleanUpKey } from '../driver-work/attempts.ts';
import type { MadeVolume, Order, VolumeMaker } from './create-volume.ts';
import { ProvisioningFailed, RequestImpossible } from './errors.ts';
import { type CallHistory, isNothingThere } from './call-history.ts';
import { contentOf, type ContentSource, keptObjectOf } from './content-source.ts';
import * as say from './events.ts';
import { planProvisioning, type ProvisioningPlan } from './plan.ts';
import { sizeOf, volumeDraft } from './volume-object.ts';

/** What provisioning looks at and works with. */
export interface ProvisioningParts {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly attributesClasses: Informer<VolumeAttributesClass>;
  readonly hasNode: (nodeName: string) => boolean;
  readonly drivers: ConnectedDrivers;
  readonly maker: VolumeMaker;
  readonly attempts: Attempts;
  readonly history: CallHistory;
}

/** What a person has to mend is looked at this often, beside the wake-ups by what changes. */
const MENDING_POLL_MS = 60_000;

/** Brings the provisioning of one claim a step further. */
export async function reconcileProvisioning(ctx: Ctx, parts: ProvisioningParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const plan = planProvisioning(claim, viewOf(parts, claim));
  try {
    return await applyPlan(ctx, parts, { claim, plan });
  } catch (thrown) {
    // why: a write to a claim that is gone; nothing is left to do for it
    if (hasCode(thrown, 'NotFound')) return done;
    throw thrown;
  }
}

function viewOf(parts: ProvisioningParts, claim: PersistentVolumeClaim): Parameters<typeof planProvisioning>[1] {
  const volume = parts.volumes.get({ namespace: '', name: provisionedNameOf(claim.metadata.uid) });
  return {
    hasVolume: volume !== undefined,
    ...classFor(parts, claim),
    attributesClass: attributesClassFor(parts, claim),
    isConnected: (driverName) => parts.drivers.find(driverName) !== undefined,
    hasNode: parts.hasNode,
    source: contentSourceFor(parts, claim),
  };
}

/** The claim's class, as the CSI driver reads it that took over its provisioner. */
function classFor(
  parts: ProvisioningParts,
  claim: PersistentVolumeClaim,
): Pick<Parameters<typeof planProvisioning>[1], 'storageClass' | 'classProblem'> {
  const storageClass = parts.classes.get({ namespace: '', name: classOfClaim(claim) });
  if (storageClass === undefined) return { storageClass };
  const translated = translateClass(storageClass, md5);
  if (translated.ok) return { storageClass: translated.value };
  const provisioner = driverOfProvisioner(storageClass.provisioner) ?? storageClass.provisioner;
  return { storageClass: { ...storageClass, provisioner }, classProblem: translated.error };
}

function attributesClassFor(parts: ProvisioningParts, claim: PersistentVolumeClaim): VolumeAttributesClass | undefined {
  const name = attributesClassOf(claim.spec);
  return name === '' ? undefined : parts.attributesClasses.get({ namespace: '', name });
}

/** What the claim is to be filled from; undefined where it is to be empty. */
function contentSourceFor(parts: ProvisioningParts, claim: PersistentVolumeClaim): ContentSource | undefined {
  const key = cloneSourceKeyOf(claim);
  if (key === undefined) return undefined;
  const source = parts.claims.get(key);
  return { kind: 'claim', claim: source, volume: source && parts.volumes.get({ namespace: '', name: volumeNameOf(source) }) };
}

async function applyPlan(
  ctx: Ctx,
  parts: ProvisioningParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: ProvisioningPlan },
): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'release':
      forgetAttempts(parts, claim);
      await patchClaim(ctx, claim, removingFinalizer(claim, IN_FLIGHT_FINALIZER));
      return done;
    case 'refuse':
      ctx.events.record(say.provisioningFailed(claim, plan.storageClass, plan.problem));
      return after(MENDING_POLL_MS, plan.problem);
    case 'awaitDriver':
      ctx.events.record(say.driverMissing(claim, plan.driverName, parts.drivers.names()));
      return after(MENDING_POLL_MS, 'waiting for the driver');
    case 'reschedule':
      await reschedule(ctx, claim);
      // why: what failed on a node that is gone says nothing of the next one
      parts.attempts.forget(formatKey(keyOf(claim)));
      return done;
    case 'blocked':
      ctx.events.record(say.cleanupBlocked(claim, plan.obstacle));
      return after(MENDING_POLL_MS, plan.obstacle);
    case 'create':
    case 'cleanUp':
      return withDriver(ctx, parts, { claim, plan });
    default:
      return assertNever(plan);
  }
}

async function withDriver(
  ctx: Ctx,
  parts: ProvisioningParts,
  step: { readonly claim: PersistentVolumeClaim; readonly plan: Extract<ProvisioningPlan, { kind: 'create' | 'cleanUp' }> },
): Promise<Outcome> {
  const { claim, plan } = step;
  const { storageClass, attributesClass, source } = plan.order;
  const driver = parts.drivers.find(storageClass.provisioner);
  // why: a driver may leave between the plan and here; its coming back wakes the claim
  if (driver === undefined) return after(MENDING_POLL_MS, 'waiting for the driver');
  const order = { claim, storageClass, driver, attributesClass, content: source && contentOf(source) };
  const waitMs = parts.attempts.waitMs(attemptKey(order), { claimUid: claim.metadata.uid, wish: storageClass.metadata.uid });
  if (waitMs > 0) return after(waitMs, 'waiting before the next try');
  if (plan.kind === 'cleanUp') return cleanUp(ctx, parts, order);
  // why first: once the driver may be at work, what it copies has to stay, also to find the copy again
  const kept = source && keptObjectOf(source);
  const isKept = kept === undefined || (await keepSource(ctx, kept));
  return isKept ? create(ctx, parts, order) : after(MENDING_POLL_MS, 'what is to be copied is gone');
}

/** False where the source is being deleted, or gone. */
async function keepSource(ctx: Ctx, source: PersistentVolumeClaim): Promise<boolean> {
  if (hasFinalizer(source, CLONING_PROTECTION)) return true;
  try {
    await patchClaim(ctx, source, addingFinalizer(source, CLONING_PROTECTION));
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound', 'InvalidArgument', 'FailedPrecondition')) return false;
    throw thrown;
  }
}

async function create(ctx: Ctx, parts: ProvisioningParts, order: Order): Promise<Outcome> {
  // why before the call: after a crash this finalizer is the only trace of the volume
  const claim = hasFinalizer(order.claim, IN_FLIGHT_FINALIZER)
    ? order.claim
    : await patchClaim(ctx, order.claim, addingFinalizer(order.claim, IN_FLIGHT_FINALIZER));
  ctx.events.record(say.provisioning(claim));
  const before = parts.history.call(claim.metadata.uid);
  let made: MadeVolume;
  try {
    made = await parts.maker.create(ctx, { ...order, claim }, before);
  } catch (thrown) {
    parts.history.end(claim.metadata.uid, { before, thrown });
    return creationFailed(ctx, parts, { order: { ...order, claim }, thrown });
  }
  const problem = whyUnwanted(parts, { ...order, claim }, made);
  if (problem === undefined) return publish(ctx, parts, { order: { ...order, claim }, made });
  return discard(ctx, parts, { order: { ...order, claim }, made, problem });
}

/** Why the fresh volume can't become the claim's; undefined where it can. */
function whyUnwanted(
  parts: ProvisioningParts,
  { claim, content }: Order,
  { volume }: MadeVolume,
): { readonly text: string; readonly isClaimGone: boolean } | undefined {
  const current = parts.claims.get(keyOf(claim));
  if (current?.metadata.uid !== claim.metadata.uid || isDeleting(current) || volumeNameOf(current) !== '')
    return { text: 'the claim does not want it any more', isClaimGone: true };
  const [wanted, got] = [requestedBytesOf(claim), sizeOf(volume)];
  if (got !== 0n && got < wanted)
    return { text: `created volume capacity ${got} less than requested capacity ${wanted}`, isClaimGone: false };
  // why: a driver that does not say what it copied may have made an empty volume
  if (content !== undefined && volume.contentSource === undefined) return { text: 'volume content source missing', isClaimGone: false };
  return undefined;
}

/** Writes the PersistentVolume. One that exists already is from an earlier try. */
async function publish(ctx: Ctx, parts: ProvisioningParts, step: { readonly order: Order; readonly made: MadeVolume }): Promise<Outcome> {
  const { order, made } = step;
  const { claim, storageClass } = order;
  try {
    await ctx.client.create(persistentVolumes, volumeDraft({ claim, storageClass, parameters: made.parameters, volume: made.volume }));
  } catch (thrown) {
    if (hasCode(thrown, 'FailedPrecondition', 'InvalidArgument', 'PermissionDenied')) {
      const text = `the PersistentVolume was refused: ${thrown.message}`;
      return discard(ctx, parts, { order, made, problem: { text, isClaimGone: false } });
    }
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  forgetAttempts(parts, claim);
  ctx.events.record(say.provisioningSucceeded(claim));
  return done;
}

/** Deletes a volume that was just made. */
async function discard(
  ctx: Ctx,
  parts: ProvisioningParts,
  step: { readonly order: Order; readonly made: MadeVolume; readonly problem: { readonly text: string; readonly isClaimGone: boolean } },
): Promise<Outcome> {
  const { order, made, problem } = step;
  try {
    await parts.maker.delete(ctx, order, made);
  } catch (thrown) {
    ctx.events.record(say.cleanupFailed(order.claim, grpcText(thrown)));
    return tryLater(parts, order, { isInfeasible: false });
  }
  if (problem.isClaimGone) {
    await dropFinalizer(ctx, parts, order.claim);
    return done;
  }
  ctx.events.record(say.provisioningFailed(order.claim, order.storageClass, problem.text));
  return tryLater(parts, order, { isInfeasible: false });
}

async function creationFailed(
  ctx: Ctx,
  parts: ProvisioningParts,
  step: { readonly order: Order; readonly thrown: unknown },
): Promise<Outcome> {
  const { order, thrown } = step;
  const { claim, storageClass } = order;
  const error = PlatformError.from(thrown);
  if (ctx.signal.aborted) throw error;
  const problem = error instanceof ProvisioningFailed ? error.message : grpcText(error);
  const isInfeasible = error.code === 'InvalidArgument';
  ctx.events.record(isInfeasible ? say.provisioningInfeasible(claim, problem) : say.provisioningFailed(claim, storageClass, problem));
  const isWaiting = storageClass.volumeBindingMode === 'WaitForFirstConsumer' && selectedNodeOf(claim) !== '';
  if (isWaiting && error.code === 'ResourceExhausted') await reschedule(ctx, claim);
  return tryLater(parts, order, { isInfeasible });
}

/** Looks for the volume by its name, the only way that CSI has, which makes it where it is not there; then deletes it. */
async function cleanUp(ctx: Ctx, parts: ProvisioningParts, order: Order): Promise<Outcome> {
  if (parts.history.of(order.claim.metadata.uid) === 'unasked') {
    await dropFinalizer(ctx, parts, order.claim);
    return done;
  }
  if (await volumeExists(ctx, order.claim)) return done;
  const before = parts.history.call(order.claim.metadata.uid);
  let made: MadeVolume;
  try {
    made = await parts.maker.create(ctx, order, before);
  } catch (thrown) {
    parts.history.end(order.claim.metadata.uid, { before, thrown });
    return searchFailed(ctx, parts, { order, thrown });
  }
  return discard(ctx, parts, { order, made, problem: { text: 'the claim is gone', isClaimGone: true } });
}

async function searchFailed(
  ctx: Ctx,
  parts: ProvisioningParts,
  step: { readonly order: Order; readonly thrown: unknown },
): Promise<Outcome> {
  const { order, thrown } = step;
  if (ctx.signal.aborted) throw PlatformError.from(thrown);
  if (thrown instanceof RequestImpossible || isNothingThere(thrown, parts.history.of(order.claim.metadata.uid))) {
    await dropFinalizer(ctx, parts, order.claim);
    return done;
  }
  ctx.events.record(say.cleanupFailed(order.claim, grpcText(thrown)));
  return tryLater(parts, order, { isInfeasible: false });
}

/** Asks the API: the cache may not have the PersistentVolume yet, and what it tells of must not be deleted here. */
async function volumeExists(ctx: Ctx, claim: PersistentVolumeClaim): Promise<boolean> {
  try {
    await ctx.client.get(persistentVolumes, { namespace: '', name: provisionedNameOf(claim.metadata.uid) });
    await patchClaim(ctx, claim, removingFinalizer(claim, IN_FLIGHT_FINALIZER));
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

async function dropFinalizer(ctx: Ctx, parts: ProvisioningParts, claim: PersistentVolumeClaim): Promise<void> {
  const current = parts.claims.get(keyOf(claim));
  if (current?.metadata.uid === claim.metadata.uid) await patchClaim(ctx, current, removingFinalizer(current, IN_FLIGHT_FINALIZER));
  // why last: where somebody else wrote to the claim meanwhile, what is known is needed once more
  forgetAttempts(parts, claim);
}

async function reschedule(ctx: Ctx, claim: PersistentVolumeClaim): Promise<void> {
  const { resourceVersion } = claim.metadata;
  await patchClaim(ctx, claim, { metadata: { resourceVersion, annotations: { [SELECTED_NODE]: null } } });
}

function tryLater(parts: ProvisioningParts, order: Order, { isInfeasible }: { readonly isInfeasible: boolean }): Outcome {
  const of = { claimUid: order.claim.metadata.uid, wish: order.storageClass.metadata.uid, isInfeasible };
  return after(parts.attempts.failed(attemptKey(order), of), 'waiting before the next try');
}

// why two keys: a claim that can't be provisioned for long must be deletable at once
function attemptKey({ claim }: Order): string {
  const isWanted = !isDeleting(claim) && volumeNameOf(claim) === '';
  return isWanted ? formatKey(keyOf(claim)) : cleanUpKey(formatKey(keyOf(claim)));
}

function forgetAttempts(parts: ProvisioningParts, claim: PersistentVolumeClaim): void {
  parts.attempts.forget(formatKey(keyOf(claim)));
  parts.attempts.forget(cleanUpKey(formatKey(keyOf(claim))));
  parts.history.forget(claim.metadata.uid);
}

function patchClaim(ctx: Ctx, claim: PersistentVolumeClaim, body: object): Promise<PersistentVolumeClaim> {
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
}
