import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods, statefulSets } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { OwnedObjects } from '../owners.ts';
import { type PodWrites, UNSEEN_POLL_MS } from '../pod-writes.ts';
import type { History, RevisionHistory } from '../revision-history.ts';
import { writeStatus } from '../write-status.ts';
import { ensureClaimOwners, ensureClaims } from './ensure-claims.ts';
import { created, deleted, notCreated } from './events.ts';
import { updateClaims } from './update-claims.ts';
import { ordinalOf, podDraft, podName, revisionOf } from './identity.ts';
import { type PodAction, planPods, rangeOf, statefulSetStatus, type StatefulSetView } from './plan.ts';

/** What the StatefulSet controller looks at and writes with. */
export interface StatefulSetParts {
  readonly pods: Informer<Pod>;
  readonly podsOf: OwnedObjects<Pod, StatefulSet>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly history: RevisionHistory<StatefulSet>;
  readonly writes: PodWrites;
}

/** How long a pod waits for a claim that is going, before the claim is looked at again, in milliseconds. */
const CLAIM_POLL_MS = 1_000;

/** How long after the API has refused a change of a claim it is tried again, in milliseconds: its class or a quota may have changed. */
const REFUSED_CLAIM_POLL_MS = 5_000;

/** Gives each number of `set` its pod and its claims. */
export async function reconcileStatefulSet(ctx: Ctx, parts: StatefulSetParts, set: StatefulSet): Promise<Outcome> {
  const owned = await parts.podsOf.claim(ctx, statefulSets, set);
  if (await parts.writes.hasUnseen(ctx, set)) return after(UNSEEN_POLL_MS, 'waiting for the cache to show the pods that were made');
  const history = await parts.history.record(ctx, set);
  const current = history.all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? history.update;
  const view = (all: readonly Pod[]): StatefulSetView => ({
    pods: all,
    isGoing: (pod) => parts.writes.isGoing(pod),
    current: current.metadata.name,
    update: history.update.metadata.name,
    nowMs: ctx.clock.nowMs(),
  });
  let isWaiting = false;
  let failure: unknown;
  try {
    isWaiting = !(await apply(ctx, parts, { set, current, update: history.update, pods: owned, actions: planPods(set, view(owned)) }));
  } catch (thrown) {
    // why not at once: what happened so far belongs into the status
    failure = thrown;
  }
  const claims = await updateClaims(ctx, parts.claims, set);
  const seen = parts.pods.byIndex('controller', set.metadata.uid);
  const { status, nextMs } = statefulSetStatus(set, {
    ...view(seen),
    collisionCount: history.collisionCount,
    conditions: claims.conditions,
  });
  await writeStatus(ctx, statefulSets, { object: set, status });
  if (failure !== undefined) throw failure;
  await forgetOldRevisions(ctx, parts, { set, history, pods: seen });
  if (isWaiting) return after(CLAIM_POLL_MS, 'waiting for the end of a claim that is being deleted');
  if (claims.isRefused) {
    return after(Math.min(REFUSED_CLAIM_POLL_MS, nextMs ?? Infinity), 'trying a change of a claim again that the API has refused');
  }
  return nextMs === undefined ? done : after(nextMs, 'waiting until a pod has been ready for minReadySeconds');
}

interface Work {
  readonly set: StatefulSet;
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly pods: readonly Pod[];
  readonly actions: readonly PodAction[];
}

/** False where a pod could not be made, because a claim of its name is still going. */
async function apply(ctx: Ctx, parts: StatefulSetParts, work: Work): Promise<boolean> {
  const { set } = work;
  if (set.metadata.deletionTimestamp === undefined) await keepClaims(ctx, parts, work);
  let isAll = true;
  for (const action of work.actions) {
    switch (action.kind) {
      case 'create':
        isAll = (await createPod(ctx, parts, { ...work, action })) && isAll;
        break;
      case 'delete':
        if (action.isCondemned)
          await ensureClaimOwners(ctx, parts.claims, { set, pod: action.pod, ordinal: action.ordinal, isCondemned: true });
        await parts.writes.delete(ctx, action.pod);
        ctx.events.record(deleted({ about: set, pod: action.pod.metadata.name }));
        break;
      case 'label': {
        const body = { metadata: { uid: action.pod.metadata.uid, labels: action.labels } };
        await ctx.client.patch(pods, { key: keyOf(action.pod), patch: { type: 'merge', body } });
        break;
      }
    }
  }
  return isAll;
}

/** Pods that are there keep their claims: a claim that went before its pod could start is made again, and each has its owners. */
async function keepClaims(ctx: Ctx, { claims, writes }: StatefulSetParts, { set, pods: all }: Work): Promise<void> {
  const { start, end } = rangeOf(set);
  for (const pod of all) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined || writes.isGoing(pod)) continue;
    const one = { set, pod, ordinal, isCondemned: ordinal < start || ordinal >= end };
    if (!one.isCondemned && pod.status?.phase === 'Pending') await ensureClaims(ctx, claims, one);
    await ensureClaimOwners(ctx, claims, one);
  }
}

async function createPod(
  ctx: Ctx,
  { claims, writes }: StatefulSetParts,
  { set, action, current, update }: Work & { readonly action: Extract<PodAction, { kind: 'create' }> },
): Promise<boolean> {
  const { ordinal } = action;
  const one = { set, pod: undefined, ordinal, isCondemned: false };
  if (!(await ensureClaims(ctx, claims, one))) return false;
  await ensureClaimOwners(ctx, claims, one);
  const effect = { about: set, pod: podName(set, ordinal) };
  try {
    await writes.create(ctx, set, podDraft(set, ordinal, action.revision === 'current' ? current : update));
    ctx.events.record(created(effect));
    return true;
  } catch (thrown) {
    ctx.events.record(notCreated(effect, PlatformError.from(thrown).message));
    throw thrown;
  }
}

async function forgetOldRevisions(
  ctx: Ctx,
  { history: keeper }: StatefulSetParts,
  { set, history, pods: all }: { readonly set: StatefulSet; readonly history: History; readonly pods: readonly Pod[] },
): Promise<void> {
  if (set.metadata.deletionTimestamp !== undefined) return;
  const used = new Set([history.update.metadata.name, set.status?.currentRevision ?? '', ...all.map((pod) => revisionOf(pod) ?? '')]);
  await keeper.truncate(ctx, set, { all: history.all, used });
}
