import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, PodCondition } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { formatKey, keyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { selectedNodeOf } from '#api/storage/claim.ts';
import { BOUND_BY_CONTROLLER, SELECTED_NODE } from '#api/storage/names.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { claimRefPatch } from '../binding/bind.ts';
import { findVolumesOnNode } from '../binding/find-matching-volume.ts';
import { LEFT_BY_POD } from './blocked-pods.ts';
import { failedScheduling, scheduled } from './events.ts';
import type { Lack, SchedulingView } from './filter.ts';
import { ledgerView } from './ledger-view.ts';
import { planPlacement, type PlacementPlan } from './plan.ts';
import { makeRoom, nominate } from './preempt.ts';
import { planPreemption } from './preemption.ts';
import type { SchedulingParts } from './scheduling-parts.ts';
import type { Assignment } from './volume-fit.ts';

/** A pod that no node will take is looked at this often, beside the wake-ups by what changes (upstream flushes such pods every 5 min). */
const UNSCHEDULABLE_POLL_MS = 60_000;
/** How long a chosen node's volumes may take before the pod is looked at anew. */
const VOLUMES_POLL_MS = 30_000;
/** A pod and its claim come together, and volumes are made in milliseconds: nothing is said of a claim for this long (times of creation are whole seconds). */
const CLAIM_PATIENCE_MS = 3_000;

const NOTHING: ReadonlySet<Lack> = new Set();

/** Finds a node for one pod. */
export async function reconcileScheduling(ctx: Ctx, parts: SchedulingParts, pod: Pod): Promise<Outcome> {
  const { uid } = pod.metadata;
  const nodeBefore = parts.ledger.nodeOf(uid);
  // why: what was decided before is decided anew, and the pod must not stand in its own way
  parts.ledger.withdraw(uid);
  const view = viewOf(parts, pod);
  const plan = planPlacement(pod, view);
  // why: others may have been turned away for the sake of a place that the pod does not take now
  if (nodeBefore !== undefined && parts.ledger.nodeOf(uid) === undefined && !isPlacedOn(plan, nodeBefore))
    parts.blocked.wake(...LEFT_BY_POD);
  // why in the same turn as the look: a change from here on wakes the pod again
  parts.blocked.note(formatKey(keyOf(pod)), plan.kind === 'unschedulable' ? plan.lacks : NOTHING);
  try {
    return await applyPlan(ctx, parts, { pod, plan, view });
  } catch (thrown) {
    // why: the pod is gone; or its claim or volume is, which wakes the pod
    if (hasCode(thrown, 'NotFound')) return after(UNSCHEDULABLE_POLL_MS, 'something is gone');
    throw thrown;
  }
}

function isPlacedOn(plan: PlacementPlan, nodeName: string): boolean {
  return plan.kind === 'place' && plan.node.metadata.name === nodeName;
}

function viewOf(parts: SchedulingParts, pod: Pod): SchedulingView {
  const namespace = pod.metadata.namespace ?? '';
  const cluster = (name: string) => ({ namespace: '', name });
  // why not those that have their room already: it would count twice
  const nominated = parts.nominations.before(pod).filter((placed) => parts.ledger.nodeOf(placed.pod.metadata.uid) === undefined);
  return {
    // why: nodes are few, and each has to be looked at
    nodes: (pod.spec.nodeName ?? '') === '' ? [...parts.nodes.all()] : [],
    node: (name) => parts.nodes.get(cluster(name)),
    ledger: ledgerView(parts.ledger, { with: nominated }),
    settled: nominated.length === 0 ? undefined : parts.ledger,
    claim: (name) => parts.claims.get({ namespace, name }),
    claimOf: (key) => parts.claims.get(parseKey(key)),
    volume: (name) => parts.volumes.get(cluster(name)),
    storageClass: (name) => parts.classes.get(cluster(name)),
    matches: (claim, node, limit) => findVolumesOnNode(claim, parts.index, { node, limit }),
    csiNode: (name) => parts.csiNodes.get(cluster(name)),
    csiDriver: (name) => parts.csiDrivers.get(cluster(name)),
    attachmentsOn: (name) => parts.attachments.byIndex('node', name),
    capacities: (className) => parts.capacities.byIndex('class', className),
    promisedBytes: (className, isCounted) => parts.promised.sum(className, isCounted),
    namespaceLabels: (name) => parts.namespaces.get(cluster(name))?.metadata.labels,
    rivals: rivalsOf(parts, pod, new Set(nominated.map((placed) => placed.pod.metadata.uid))),
  };
}

function rivalsOf(parts: SchedulingParts, pod: Pod, nominated: ReadonlySet<string>): readonly string[] {
  const exclusive = claimKeysOfPod(pod).filter((key) => parts.claims.get(parseKey(key))?.spec.accessModes?.includes('ReadWriteOncePod'));
  const others = exclusive.flatMap((key) => parts.pods.byIndex('claim', key)).map(({ metadata }) => metadata.uid);
  return others.filter((uid) => uid !== pod.metadata.uid && (nominated.has(uid) || parts.ledger.nodeOf(uid) !== undefined));
}

async function applyPlan(
  ctx: Ctx,
  parts: SchedulingParts,
  step: { readonly pod: Pod; readonly plan: PlacementPlan; readonly view: SchedulingView },
): Promise<Outcome> {
  const { pod, plan, view } = step;
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'gated':
      await ensureCondition(ctx, pod, { reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' });
      return done;
    case 'unschedulable': {
      const patienceMs = plan.mayPass ? CLAIM_PATIENCE_MS - ageMs(ctx, pod) : 0;
      if (patienceMs > 0) return after(patienceMs, plan.message);
      return turnAway(ctx, parts, { pod, view, message: plan.message });
    }
    case 'place':
      return place(ctx, parts, { pod, node: plan.node, assignments: plan.assignments });
    default:
      return assertNever(plan);
  }
}

/** Says that no node takes the pod, and has others leave for it where it may ask that. */
async function turnAway(
  ctx: Ctx,
  parts: SchedulingParts,
  step: { readonly pod: Pod; readonly view: SchedulingView; readonly message: string },
): Promise<Outcome> {
  const { pod, view, message } = step;
  // why before the first write: the view is of this moment
  const preemption = planPreemption(pod, view, (namespace) => parts.budgets.byIndex('ofNamespace', namespace));
  ctx.events.record(failedScheduling(pod, message));
  await ensureCondition(ctx, pod, { reason: 'Unschedulable', message });
  if (preemption.kind === 'preempt') await makeRoom(ctx, parts, { pod, node: preemption.node, victims: preemption.victims });
  if (preemption.kind === 'none') await nominate(ctx, pod, null);
  return after(UNSCHEDULABLE_POLL_MS, message);
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
  // why at once, and while volumes are being made: the next pod must see this one's room taken
  parts.ledger.assume(pod, nodeName);
  if (assignments.length > 0) {
    await assign(ctx, parts, { nodeName, assignments });
    return after(VOLUMES_POLL_MS, 'waiting for the volumes of the chosen node');
  }
  try {
    await ctx.client.bindPod({ key: keyOf(pod), uid: pod.metadata.uid, nodeName });
  } catch (thrown) {
    // why: it has a node already, or is another pod of that name by now; the informer will show it, and what was assumed stands until then
    if (hasCode(thrown, 'Aborted')) return done;
    // why: a pod that is refused may never be tried again, and its room is others' until it is
    parts.ledger.withdraw(pod.metadata.uid);
    parts.blocked.wake(...LEFT_BY_POD);
    throw thrown;
  }
  ctx.events.record(scheduled(pod, nodeName));
  return done;
}

/**
 * Reserves the volumes that exist, then asks for those that are to be made; binding does the rest. All or nothing as far as the API allows it: all volumes are out of
 * others' sight before the first write, and where one of the writes is refused, the reservations before it are taken back and nothing is made.
 */
async function assign(
  ctx: Ctx,
  parts: SchedulingParts,
  step: { readonly nodeName: string; readonly assignments: readonly Assignment[] },
): Promise<void> {
  const existing = step.assignments.flatMap(({ claim, volume }) => (volume === undefined ? [] : [{ claim, volume }]));
  const releases = existing.map(({ volume }) => parts.index.choose(volume));
  releases.push(parts.index.hold(existing.map(({ claim }) => formatKey(keyOf(claim)))));
  const reserved: Reservation[] = [];
  try {
    for (const { claim, volume } of existing) {
      const now = await reserve(ctx, claim, volume);
      if (now !== undefined) reserved.push({ before: volume, now });
    }
  } catch (thrown) {
    for (const reservation of reserved) await takeBack(ctx, reservation);
    throw thrown;
  } finally {
    for (const release of releases) release();
  }
  for (const { claim, volume } of step.assignments) {
    if (volume !== undefined || selectedNodeOf(claim) === step.nodeName) continue;
    const body = { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { [SELECTED_NODE]: step.nodeName } } };
    await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
  }
}

interface Reservation {
  readonly before: PersistentVolume;
  readonly now: PersistentVolume;
}

/** The volume as it is reserved now; undefined where it was already. */
async function reserve(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolume | undefined> {
  const body = claimRefPatch(claim, volume);
  if (body === undefined) return undefined;
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}

/** Makes the reservation undone, unless somebody has gone on with it. */
async function takeBack(ctx: Ctx, { before, now }: Reservation): Promise<void> {
  const { resourceVersion } = now.metadata;
  const body =
    before.spec.claimRef === undefined
      ? { metadata: { resourceVersion, annotations: { [BOUND_BY_CONTROLLER]: null } }, spec: { claimRef: null } }
      : { metadata: { resourceVersion }, spec: { claimRef: { uid: null, resourceVersion: null } } };
  try {
    await ctx.client.patch(persistentVolumes, { key: keyOf(now), patch: { type: 'merge', body } });
  } catch (thrown) {
    // why: binding was faster, or the volume is gone; the claim keeps it, and the pod's next look starts from there
    if (!hasCode(thrown, 'Aborted', 'NotFound')) throw thrown;
  }
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
