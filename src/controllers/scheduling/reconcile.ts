import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, PodCondition, StorageClass } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { keyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { SELECTED_NODE } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { claimRefPatch } from '../binding/bind.ts';
import { findMatchingVolumeOnNode } from '../binding/find-matching-volume.ts';
import type { VolumeIndex } from '../binding/volume-index.ts';
import { failedScheduling, scheduled } from './events.ts';
import { planPlacement, type PlacementPlan, type SchedulingView } from './plan.ts';
import type { Assignment } from './volume-fit.ts';

/** What scheduling looks at. */
export interface SchedulingParts {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly index: VolumeIndex;
  /** Claims for one pod only whose pod is being placed right now: the cache does not show its node yet. */
  readonly inPlacement: Set<string>;
}

/** A pod that no node will take is looked at this often, beside the wake-ups by what changes (upstream flushes such pods every 5 min). */
const UNSCHEDULABLE_POLL_MS = 60_000;
/** How long a chosen node's volumes may take before the pod is looked at anew. */
const VOLUMES_POLL_MS = 30_000;
/** How long the placement of another pod of the same claim may take before this one is looked at again. */
const PLACEMENT_POLL_MS = 1_000;

/** A pod and its claim come together, and volumes are made in milliseconds: nothing is said of a claim for this long (times of creation are whole seconds). */
const CLAIM_PATIENCE_MS = 3_000;

/** Finds a node for one pod. */
export async function reconcileScheduling(ctx: Ctx, parts: SchedulingParts, pod: Pod): Promise<Outcome> {
  const plan = planPlacement(pod, viewOf(parts, pod));
  try {
    return await applyPlan(ctx, parts, { pod, plan });
  } catch (thrown) {
    // why: the pod is gone; or its claim or volume is, which wakes the pod
    if (hasCode(thrown, 'NotFound')) return after(UNSCHEDULABLE_POLL_MS, 'something is gone');
    throw thrown;
  }
}

function viewOf(parts: SchedulingParts, pod: Pod): SchedulingView {
  const namespace = pod.metadata.namespace ?? '';
  return {
    // why: nodes are few, and each has to be looked at
    nodes: (pod.spec.nodeName ?? '') === '' ? [...parts.nodes.all()] : [],
    podCount: (nodeName) => parts.pods.byIndex('node', nodeName).length,
    claim: (name) => parts.claims.get({ namespace, name }),
    volume: (name) => parts.volumes.get({ namespace: '', name }),
    storageClass: (name) => parts.classes.get({ namespace: '', name }),
    match: (claim, node, excluded) => findMatchingVolumeOnNode(claim, parts.index, { node, excluded }),
    hasExclusiveConflict: claimKeysOfPod(pod).some((key) => isTakenByAnother(parts, pod, key)),
  };
}

function isTakenByAnother(parts: SchedulingParts, pod: Pod, claimKey: string): boolean {
  if (!isForOnePod(parts, claimKey)) return false;
  return parts.pods
    .byIndex('claim', claimKey)
    .some(({ metadata, spec, status }) => metadata.uid !== pod.metadata.uid && (spec.nodeName ?? '') !== '' && !isOver(status?.phase));
}

function isForOnePod(parts: SchedulingParts, claimKey: string): boolean {
  return parts.claims.get(parseKey(claimKey))?.spec.accessModes?.includes('ReadWriteOncePod') === true;
}

function isOver(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

async function applyPlan(ctx: Ctx, parts: SchedulingParts, step: { readonly pod: Pod; readonly plan: PlacementPlan }): Promise<Outcome> {
  const { pod, plan } = step;
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'gated':
      await ensureCondition(ctx, pod, { reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' });
      return done;
    case 'unschedulable': {
      const patienceMs = plan.mayPass ? CLAIM_PATIENCE_MS - ageMs(ctx, pod) : 0;
      if (patienceMs > 0) return after(patienceMs, plan.message);
      ctx.events.record(failedScheduling(pod, plan.message));
      await ensureCondition(ctx, pod, { reason: 'Unschedulable', message: plan.message });
      return after(UNSCHEDULABLE_POLL_MS, plan.message);
    }
    case 'place':
      return place(ctx, parts, { pod, node: plan.node, assignments: plan.assignments });
    default:
      return assertNever(plan);
  }
}

function ageMs(ctx: Ctx, pod: Pod): number {
  const createdMs = Date.parse(pod.metadata.creationTimestamp);
  return Number.isNaN(createdMs) ? Number.POSITIVE_INFINITY : ctx.clock.nowMs() - createdMs;
}

async function place(
  ctx: Ctx,
  parts: SchedulingParts,
  step: { readonly pod: Pod; readonly node: Node; readonly assignments: readonly Assignment[] },
): Promise<Outcome> {
  const { pod, node, assignments } = step;
  const nodeName = node.metadata.name;
  if (assignments.length > 0) {
    await assign(ctx, parts, { nodeName, assignments });
    return after(VOLUMES_POLL_MS, 'waiting for the volumes of the chosen node');
  }
  const exclusive = claimKeysOfPod(pod).filter((key) => isForOnePod(parts, key));
  if (exclusive.some((key) => parts.inPlacement.has(key))) return after(PLACEMENT_POLL_MS, 'another pod of the same claim is being placed');
  for (const key of exclusive) parts.inPlacement.add(key);
  try {
    await ctx.client.bindPod({ key: keyOf(pod), uid: pod.metadata.uid, nodeName });
    if (exclusive.length > 0) parts.pods.observe(await ctx.client.get(pods, keyOf(pod)));
  } catch (thrown) {
    // why: it has a node already, or is another pod of that name by now; the informer will show it
    if (hasCode(thrown, 'Aborted')) return done;
    throw thrown;
  } finally {
    for (const key of exclusive) parts.inPlacement.delete(key);
  }
  ctx.events.record(scheduled(pod, nodeName));
  return done;
}

/** Reserves the volumes that exist, then asks for those that are to be made. Binding does the rest. */
async function assign(
  ctx: Ctx,
  parts: SchedulingParts,
  step: { readonly nodeName: string; readonly assignments: readonly Assignment[] },
): Promise<void> {
  const existing = step.assignments.filter(({ volume }) => volume !== undefined);
  const releases = existing.map(({ volume }) => (volume === undefined ? () => {} : parts.index.choose(volume)));
  try {
    for (const { claim, volume } of existing) if (volume !== undefined) await reserve(ctx, claim, volume);
  } finally {
    for (const release of releases) release();
  }
  for (const { claim, volume } of step.assignments) {
    if (volume !== undefined || selectedNodeOf(claim) === step.nodeName) continue;
    const body = { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { [SELECTED_NODE]: step.nodeName } } };
    await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
  }
}

async function reserve(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
  const body = claimRefPatch(claim, volume);
  if (body !== undefined) await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}

/** Says in the pod's conditions why it has no node. Written only when that changes. */
async function ensureCondition(ctx: Ctx, pod: Pod, why: { readonly reason: string; readonly message: string }): Promise<void> {
  const conditions = pod.status?.conditions ?? [];
  const current = conditions.find(({ type }) => type === 'PodScheduled');
  if (current?.status === 'False' && current.reason === why.reason && current.message === why.message) return;
  const lastTransitionTime = current?.status === 'False' ? current.lastTransitionTime : formatTime(ctx.clock.nowMs());
  const condition: PodCondition = { type: 'PodScheduled', status: 'False', lastTransitionTime, ...why };
  const body = {
    metadata: { resourceVersion: pod.metadata.resourceVersion },
    status: { phase: 'Pending', conditions: [...conditions.filter(({ type }) => type !== 'PodScheduled'), condition] },
  };
  await ctx.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
}
