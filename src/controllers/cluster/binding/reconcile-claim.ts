import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { classOfClaim, isBindCompleted, volumeNameOf } from '#api/storage/claim.ts';
import { defaultClassOf } from '#api/storage/default-class.ts';
import { IN_FLIGHT_FINALIZER, MIGRATED_TO, STORAGE_PROVISIONER, STORAGE_PROVISIONER_BETA } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { bind } from './bind.ts';
import { findMatchingVolume } from './find-matching-volume.ts';
import { nearMisses } from './near-misses.ts';
import { type ClaimPlan, type ClaimView, planClaim } from './plan-claim.ts';
import type { VolumeIndex } from './volume-index.ts';
import type { WaitingClaims } from './waiting-claims.ts';

/** What binding looks at. */
export interface BindingView {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
  readonly index: VolumeIndex;
  readonly waiting: WaitingClaims;
  /** True where this process provisions for the driver, so that a claim gets the provisioner's finalizer with the request for a volume, in one write. */
  readonly isProvisionedHere: (driverName: string) => boolean;
}

/** A claim that waits is looked at this often even when nothing seems to change, so that a stall is noticed (upstream: 15 s for everything). */
const WAIT_POLL_MS = 60_000;

/** Brings one claim a step further. */
export async function reconcileClaim(ctx: Ctx, view: BindingView, claim: PersistentVolumeClaim): Promise<Outcome> {
  if (view.index.isHeld(formatKey(keyOf(claim)))) return done;
  const volume = await observeVolume(ctx, view, claim);
  const plan = planClaim(claim, viewOf(view, claim, volume));
  if (isSearching(plan)) view.waiting.wait(claim);
  else if (plan.kind !== 'bind') view.waiting.settled(formatKey(keyOf(claim)));
  try {
    return await applyPlan(ctx, view, { claim, plan });
  } catch (thrown) {
    // why: the claim or the volume went away meanwhile; the informer tells of it, and what is left is looked at then
    if (hasCode(thrown, 'NotFound')) return after(WAIT_POLL_MS, 'claim or volume is gone');
    throw thrown;
  }
}

/** The volume that the claim names. Before a bound claim is called Lost, the API itself is asked: the cache may be behind. */
async function observeVolume(ctx: Ctx, view: BindingView, claim: PersistentVolumeClaim): Promise<PersistentVolume | undefined> {
  const key = { namespace: '', name: volumeNameOf(claim) };
  if (key.name === '') return undefined;
  const cached = view.volumes.get(key);
  const isTrouble = cached === undefined || (cached.spec.claimRef !== undefined && cached.spec.claimRef.uid !== claim.metadata.uid);
  if (!isTrouble || !isBindCompleted(claim) || claim.status?.phase === 'Lost') return cached;
  try {
    return await ctx.client.get(persistentVolumes, key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

function viewOf(view: BindingView, claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimView {
  const className = classOfClaim(claim);
  return {
    volume,
    storageClass: className === '' ? undefined : view.classes.get({ namespace: '', name: className }),
    match: (isDelayed) => findMatchingVolume(claim, view.index, { isDelayed }),
    defaultClass: () => defaultClassOf(view.classes.all())?.metadata.name,
    classNames: () => [...view.classes.all()].map((storageClass) => storageClass.metadata.name),
    nearMisses: () => nearMisses(claim, view.index),
    waitingPods: () => waitingPods(view.pods, formatKey(keyOf(claim))),
  };
}

function waitingPods(pods: Informer<Pod>, claimKey: string): readonly string[] {
  const waiting = pods
    .byIndex('claim', claimKey)
    .filter((pod) => (pod.spec.nodeName ?? '') === '' && pod.metadata.deletionTimestamp === undefined);
  return waiting.map((pod) => pod.metadata.name).toSorted();
}

async function applyPlan(
  ctx: Ctx,
  view: BindingView,
  step: { readonly claim: PersistentVolumeClaim; readonly plan: ClaimPlan },
): Promise<Outcome> {
  const { claim, plan } = step;
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'bind':
      await bindChosen(ctx, view, { claim, volume: plan.volume });
      return done;
    case 'assignClass':
      await patchClaim(ctx, claim, {
        metadata: { resourceVersion: claim.metadata.resourceVersion },
        spec: { storageClassName: plan.className },
      });
      return done;
    case 'wait':
      return wait(ctx, claim, plan.event);
    case 'requestVolume':
      await requestVolume(ctx, claim, {
        provisioner: plan.driverName,
        isMigrated: plan.storageClass.provisioner !== plan.driverName,
        isHere: view.isProvisionedHere(plan.driverName),
      });
      return wait(ctx, claim, plan.event);
    case 'lose':
      await ensurePhase(ctx, claim, { phase: 'Lost', event: plan.event });
      return done;
  }
}

/** A claim without a volume of its own yet, which any volume that becomes free may suit. Claims that the scheduler has to speak for are not, nor those that name a volume. */
function isSearching(plan: ClaimPlan): boolean {
  return (plan.kind === 'wait' && plan.isSearching === true) || plan.kind === 'requestVolume';
}

async function bindChosen(
  ctx: Ctx,
  view: BindingView,
  pair: { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume },
): Promise<void> {
  const release = view.index.choose(pair.volume);
  try {
    await bind(ctx, pair.claim, pair.volume);
    view.waiting.settled(formatKey(keyOf(pair.claim)));
  } finally {
    release();
    // why: where a write failed the volume is free again, and others may have looked for one meanwhile
    view.waiting.offer(view.volumes.get(keyOf(pair.volume)) ?? pair.volume);
  }
}

async function wait(ctx: Ctx, claim: PersistentVolumeClaim, event: EventDraft | undefined): Promise<Outcome> {
  if (event !== undefined) ctx.events.record(event);
  await ensurePhase(ctx, claim, { phase: 'Pending' });
  return after(WAIT_POLL_MS, event?.message ?? 'waiting for the volume that the claim names');
}

/** Asks the provisioner for a volume: both annotation keys, and its finalizer where it is ours, in one write. */
async function requestVolume(
  ctx: Ctx,
  claim: PersistentVolumeClaim,
  request: { readonly provisioner: string; readonly isMigrated: boolean; readonly isHere: boolean },
): Promise<void> {
  const { annotations, finalizers = [], resourceVersion } = claim.metadata;
  const { provisioner, isMigrated, isHere } = request;
  const isAsked = annotations?.[STORAGE_PROVISIONER] === provisioner && annotations[STORAGE_PROVISIONER_BETA] === provisioner;
  if (isAsked) return;
  await patchClaim(ctx, claim, {
    metadata: {
      resourceVersion,
      annotations: {
        [STORAGE_PROVISIONER]: provisioner,
        [STORAGE_PROVISIONER_BETA]: provisioner,
        ...(isMigrated ? { [MIGRATED_TO]: provisioner } : {}),
      },
      ...(isHere && !finalizers.includes(IN_FLIGHT_FINALIZER) ? { finalizers: [...finalizers, IN_FLIGHT_FINALIZER] } : {}),
    },
  });
}

/** Sees that the phase is one without a volume: access modes and capacity go with it. The event is told once, with the change. */
async function ensurePhase(
  ctx: Ctx,
  claim: PersistentVolumeClaim,
  wanted: { readonly phase: 'Pending' | 'Lost'; readonly event?: EventDraft },
): Promise<void> {
  const { status } = claim;
  if (status?.phase === wanted.phase && status.accessModes === undefined && status.capacity === undefined) return;
  const body = {
    // why: Lost frightens people, so it is said only of the very claim that was looked at; Pending may follow a write of ours to the same claim
    ...(wanted.phase === 'Lost' ? { metadata: { resourceVersion: claim.metadata.resourceVersion } } : {}),
    status: { phase: wanted.phase, accessModes: null, capacity: null },
  };
  await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
  if (wanted.event !== undefined) ctx.events.record(wanted.event);
}

async function patchClaim(ctx: Ctx, claim: PersistentVolumeClaim, body: object): Promise<void> {
  await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
}
