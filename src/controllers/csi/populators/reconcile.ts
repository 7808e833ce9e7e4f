import { type ReferenceGrant, referenceGrants } from '#api/generated/definitions.ts';
import type { Event, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { type KubeObject, keyOf, type ObjectKey, parseKey } from '#api/meta/object.ts';
import { namespaces, persistentVolumeClaims, pods } from '#api/resources.ts';
import { FILL_REFUSED_EXIT_CODE } from '#api/populators/fill-order.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import { dataSourceOf } from '#api/storage/data-source.ts';
import {
  COPIED_CLAIM,
  copyKeyOf,
  FAILED_FILLINGS,
  fillPodKeyOf,
  grantNameOf,
  POPULATED_UID,
  POPULATOR_NAMESPACE,
  primeKeyOf,
  SOURCE_VERSION,
} from '#api/storage/populator.ts';
import { whyNotGranted } from '#api/storage/reference-grant.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import { backoffMs, type BackoffPolicy } from '#kit/retry.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { MENDING_POLL_MS, untilGone } from '../driver-work/ladder.ts';
import { adoptedBy, type AdoptedKinds, readAdopted } from './adopted-kinds.ts';
import { copyDraft, copyGrantDraft, type FillPlace, fillPodDraft, primeDraft } from './drafts.ts';
import * as say from './events.ts';
import type { PopulatorOperations } from './metrics.ts';
import { obstacleOf } from './obstacles.ts';
import { planPopulation, type PopulationPlan, type PopulationView } from './plan.ts';
import { type Populator, populatorOf } from './populator.ts';
import { type AskProgress, progressOf, progressPlaceOf, progressText, quarterOf } from './progress.ts';
import { handOver, type Leftovers, protect, release, remove, removeLeftovers, reportProgress, reschedule } from './steps.ts';

/** What populations are looked at and worked with. */
export interface PopulationParts {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
  readonly grants: Informer<ReferenceGrant>;
  /** By {@link OBSTACLE_INDEX}. */
  readonly warnings: Informer<Event>;
  /** Each with where its sources are seen. */
  readonly populators: readonly { readonly populator: Populator; readonly sources: Informer<KubeObject> }[];
  readonly adopted: AdoptedKinds;
  readonly place: FillPlace;
  readonly ask: AskProgress;
  readonly operations: PopulatorOperations;
}

/** How far a filling is, is looked at this often. */
const PROGRESS_POLL_MS = 2_000;
/** What does not come on is looked at this often. */
const OBSTACLE_POLL_MS = 10_000;
/** What is not there is looked for this often, beside the wake-ups by what comes. */
const MISSING_POLL_MS = 5_000;
/** Waits between fillings that failed: 1 s doubling to 5 min. */
const BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 300_000, factor: 2 };

/** Brings the filling of one claim a step further. Each step is read from the objects, so that a stop between any two is nothing special. */
export async function reconcilePopulation(ctx: Ctx, parts: PopulationParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const view = await viewOf(ctx, parts, claim);
  return untilGone(() => applyPlan(ctx, parts, { claim, view, plan: planPopulation(claim, view) }));
}

/** Takes back what was made to fill a claim that is gone: a claim that somebody has let go by force. */
export async function removeOrphan(ctx: Ctx, parts: PopulationParts, uid: string): Promise<Outcome> {
  await untilGone(async () => {
    await removeLeftovers(ctx, leftoversOf(parts, uid));
    return done;
  });
  return done;
}

async function viewOf(ctx: Ctx, parts: PopulationParts, claim: PersistentVolumeClaim): Promise<PopulationView> {
  const { uid } = claim.metadata;
  const prime = parts.claims.get(primeKeyOf(uid));
  const grantKey = grantKeyOf(parts, uid);
  return {
    ...(await sourceOf(ctx, parts, claim)),
    grantProblem: whyNotGranted(claim, (namespace) => parts.grants.byIndex('ofNamespace', namespace)),
    storageClass: parts.classes.get({ namespace: '', name: classOfClaim(claim) }),
    prime,
    copy: parts.claims.get(copyKeyOf(uid)),
    pod: parts.pods.get(fillPodKeyOf(uid)),
    hasGrant: grantKey !== undefined && parts.grants.get(grantKey) !== undefined,
    volume: volumeOf(parts, prime),
    ownVolume: volumeOf(parts, claim),
    claimAt: (key) => parts.claims.get(key),
  };
}

/** Who fills the claim, and from what. */
async function sourceOf(
  ctx: Ctx,
  { populators, adopted }: PopulationParts,
  claim: PersistentVolumeClaim,
): Promise<Pick<PopulationView, 'populator' | 'source'>> {
  const named = dataSourceOf(claim);
  if (named === undefined) return { populator: undefined, source: undefined };
  const all = populators.map(({ populator }) => populator);
  const populator = populatorOf(all, named);
  if (populator !== undefined)
    return { populator, source: populators.find((each) => each.populator === populator)?.sources.get(named.key) };
  const other = adoptedBy(adopted, all, named);
  return { populator: other, source: other === undefined ? undefined : await readAdopted(ctx.client, adopted, named) };
}

function volumeOf({ volumes }: PopulationParts, claim: PersistentVolumeClaim | undefined): PersistentVolume | undefined {
  return claim === undefined || volumeNameOf(claim) === '' ? undefined : volumes.get({ namespace: '', name: volumeNameOf(claim) });
}

/** The grant for the copy, by what the claim that is filled says of it. */
function grantKeyOf({ claims }: PopulationParts, uid: string): ObjectKey | undefined {
  const copied = claims.get(primeKeyOf(uid))?.metadata.annotations?.[COPIED_CLAIM];
  return copied === undefined ? undefined : { namespace: parseKey(copied).namespace, name: grantNameOf(uid) };
}

function leftoversOf(parts: PopulationParts, uid: string): Leftovers {
  const claims = [copyKeyOf(uid), primeKeyOf(uid)].flatMap((key) => {
    const claim = parts.claims.get(key);
    return claim === undefined ? [] : [{ claim, volume: volumeOf(parts, claim) }];
  });
  return { uid, pod: parts.pods.get(fillPodKeyOf(uid)), grant: grantKeyOf(parts, uid), claims };
}

interface Planned {
  readonly claim: PersistentVolumeClaim;
  readonly view: PopulationView;
  readonly plan: PopulationPlan;
}

async function applyPlan(ctx: Ctx, parts: PopulationParts, { claim, view, plan }: Planned): Promise<Outcome> {
  switch (plan.kind) {
    case 'wait':
      return after(MENDING_POLL_MS, plan.why);
    case 'refuse':
      ctx.events.record(plan.isMissing ? say.dataSourceNotFound(claim, plan.problem) : say.populationRefused(claim, plan.problem));
      return after(plan.isMissing ? MISSING_POLL_MS : MENDING_POLL_MS, plan.problem);
    case 'cleanUp':
      return cleanUp(ctx, parts, { claim, isFilled: plan.isFilled });
    case 'watch':
      parts.operations.isUnderWay(claim);
      return watch(ctx, parts, { claim, pod: plan.pod });
    case 'retry':
      parts.operations.over(claim, 'error');
      return retry(ctx, view, { claim, plan });
    case 'makePrime':
    case 'makeGrant':
    case 'makeCopy':
    case 'makePod':
      parts.operations.isUnderWay(claim);
      return make(ctx, parts, { claim, plan });
    default:
      await write(ctx, claim, plan);
      return done;
  }
}

type Writing = Extract<PopulationPlan, { kind: 'leave' | 'reschedule' | 'protect' | 'handOver' }>;

/** One write; what comes of it brings the claim here again. */
async function write(ctx: Ctx, claim: PersistentVolumeClaim, plan: Writing): Promise<void> {
  switch (plan.kind) {
    case 'leave':
      return;
    case 'reschedule':
      await reschedule(ctx, claim);
      return;
    case 'protect':
      await protect(ctx, claim);
      return;
    case 'handOver':
      await handOver(ctx, claim, plan.volume);
      return;
    default:
      assertNever(plan);
  }
}

type Making = Extract<PopulationPlan, { kind: `make${string}` }>;

/** Makes what is to be made; what is there already is from an earlier try, or the cache is behind. */
async function make(
  ctx: Ctx,
  parts: PopulationParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: Making },
): Promise<Outcome> {
  try {
    if (plan.kind === 'makePrime') await ensureNamespace(ctx);
    await create(ctx, parts, { claim, plan });
    return done;
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
    return after(1_000, 'waiting until what was made is seen');
  }
}

async function create(
  ctx: Ctx,
  parts: PopulationParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: Making },
): Promise<void> {
  switch (plan.kind) {
    case 'makePrime':
      await ctx.client.create(persistentVolumeClaims, primeDraft(claim, plan.filling));
      return;
    case 'makeGrant':
      await ctx.client.create(referenceGrants, copyGrantDraft(claim, plan.of));
      return;
    case 'makeCopy':
      await ctx.client.create(persistentVolumeClaims, copyDraft(claim, plan.of));
      return;
    case 'makePod':
      await ctx.client.create(pods, fillPodDraft(claim, { ...plan, place: parts.place }));
      ctx.events.record(say.populatorCreated(claim));
      return;
    default:
      assertNever(plan);
  }
}

/** Where volumes are filled: made with the first of them, and again where somebody has deleted it. */
async function ensureNamespace(ctx: Ctx): Promise<void> {
  try {
    await ctx.client.get(namespaces, { namespace: '', name: POPULATOR_NAMESPACE });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
    await ctx.client.create(namespaces, { metadata: { name: POPULATOR_NAMESPACE }, spec: {} });
  }
}

async function cleanUp(
  ctx: Ctx,
  parts: PopulationParts,
  { claim, isFilled }: { readonly claim: PersistentVolumeClaim; readonly isFilled: boolean },
): Promise<Outcome> {
  if (!(await removeLeftovers(ctx, leftoversOf(parts, claim.metadata.uid))))
    return after(MENDING_POLL_MS, 'waiting until what was made to fill the volume is gone');
  await release(ctx, claim);
  if (isFilled) parts.operations.over(claim, 'success');
  else parts.operations.dropped(claim);
  if (isFilled) ctx.events.record(say.populatorFinished(claim));
  return done;
}

async function watch(
  ctx: Ctx,
  { ask, place, warnings, claims }: PopulationParts,
  { claim, pod }: { readonly claim: PersistentVolumeClaim; readonly pod: Pod },
): Promise<Outcome> {
  const isRunning = pod.status?.phase === 'Running';
  const obstacle = isRunning ? undefined : obstacleOf(claim.metadata.uid, pod, { warnings, claims, nowMs: ctx.clock.nowMs() });
  if (obstacle !== undefined) ctx.events.record(say.populatorWaits(claim, obstacle));
  const progress = isRunning ? await ask(pod, progressPlaceOf(claim.metadata.uid, place), ctx.signal) : undefined;
  if (progress === undefined) return after(isRunning ? PROGRESS_POLL_MS : OBSTACLE_POLL_MS, 'waiting for the pod that fills the volume');
  const [before, text] = [progressOf(claim), progressText(progress)];
  await reportProgress(ctx, claim, text);
  if (progress.totalBytes !== undefined && quarterOf(text) > quarterOf(before)) ctx.events.record(say.populatorProgress(claim, text));
  return after(PROGRESS_POLL_MS, 'waiting for the pod that fills the volume');
}

type Retrying = Extract<PopulationPlan, { kind: 'retry' }>;

/** Another filling, after a wait or as soon as what is filled in was changed. The pod stays until then: its log says more. */
async function retry(
  ctx: Ctx,
  view: PopulationView,
  { claim, plan: { pod, prime } }: { readonly claim: PersistentVolumeClaim; readonly plan: Retrying },
): Promise<Outcome> {
  const end = endOf(pod);
  ctx.events.record(say.populatorFailed(claim, end.problem));
  const failed = Number(prime.metadata.annotations?.[FAILED_FILLINGS] ?? '0');
  const delayMs = end.isRefused ? BACKOFF.maxMs : backoffMs(BACKOFF, failed);
  const isChanged = view.source !== undefined && view.source.metadata.resourceVersion !== pod.metadata.annotations?.[SOURCE_VERSION];
  const waitMs = isChanged ? 0 : end.atMs + delayMs - ctx.clock.nowMs();
  if (waitMs > 0) return after(waitMs, 'waiting before the next filling');
  const body = { metadata: { annotations: { [FAILED_FILLINGS]: String(failed + 1) } } };
  await ctx.client.patch(persistentVolumeClaims, { key: keyOf(prime), patch: { type: 'merge', body } });
  await remove(ctx, pods, pod);
  return done;
}

/** How a pod failed, and when; `isRefused`: the same would never work. */
function endOf({ metadata, status = {} }: Pod): { readonly problem: string; readonly isRefused: boolean; readonly atMs: number } {
  const { terminated } = status.containerStatuses?.[0]?.state ?? {};
  const { exitCode, finishedAt = metadata.creationTimestamp } = terminated ?? {};
  const texts = [terminated, status].flatMap((place) => [place?.message ?? '', place?.reason ?? '']);
  const problem = [...texts, 'its pod failed'].find((text) => text !== '') ?? '';
  return { problem: problem.trim(), isRefused: exitCode === FILL_REFUSED_EXIT_CODE, atMs: Date.parse(finishedAt) };
}

/** True for what is made while claims are filled. */
export function isOfPopulator({ metadata }: KubeObject): boolean {
  return metadata.namespace === POPULATOR_NAMESPACE && metadata.annotations?.[POPULATED_UID] !== undefined;
}
