import type { DaemonSet, Node, Pod } from '#api/generated/kubernetes.ts';
import { daemonSets } from '#api/resources.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { podCreated, podDeleted, podNotCreated, podNotDeleted } from '../events.ts';
import { SUFFIX_LENGTH } from '../pod-template.ts';
import { inGrowingBatches, UNSEEN_POLL_MS } from '../pod-writes.ts';
import { hashOfRevision, type History, type RevisionHistory } from '../revision-history.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { writeStatus } from '../write-status.ts';
import { daemonDraft } from './daemon-pod.ts';
import { type DaemonPlan, daemonStatus, type DaemonView, hashOfPod, planDaemons } from './plan.ts';

/** What the DaemonSet controller looks at and writes with. */
export interface DaemonSetParts extends WorkloadParts {
  readonly nodes: Informer<Node>;
  readonly history: RevisionHistory<DaemonSet>;
}

/** Gives each node where one belongs its daemon. */
export async function reconcileDaemonSet(ctx: Ctx, parts: DaemonSetParts, set: DaemonSet): Promise<Outcome> {
  const owned = await parts.podsOf.claim(ctx, daemonSets, set);
  if (set.metadata.deletionTimestamp !== undefined) return done;
  if (await parts.writes.hasUnseen(ctx, set)) return after(UNSEEN_POLL_MS, 'waiting for the cache to show the pods that were made');
  const history = await parts.history.record(ctx, set);
  const hash = hashOfRevision(history.update);
  const view = (pods: readonly Pod[]): DaemonView => ({
    nodes: [...parts.nodes.all()],
    pods,
    isGoing: (pod) => parts.writes.isGoing(pod),
    hash,
    nowMs: ctx.clock.nowMs(),
  });
  const plan = planDaemons(set, view(owned));
  const failure = await apply(ctx, parts, { set, plan, hash });
  const seen = parts.pods.byIndex('controller', set.metadata.uid);
  const { status, nextMs } = daemonStatus(set, { ...view(seen), collisionCount: history.collisionCount });
  await writeStatus(ctx, daemonSets, { object: set, status });
  if (failure !== undefined) throw failure;
  await parts.history.truncate(ctx, set, { all: history.all, used: usedRevisions(history, seen) });
  const waits = [plan.retryMs, nextMs].filter((wait) => wait !== undefined);
  return waits.length === 0
    ? done
    : after(Math.min(...waits), 'waiting to replace a failed daemon, or until one has been ready for minReadySeconds');
}

async function apply(
  ctx: Ctx,
  { writes }: DaemonSetParts,
  { set, plan, hash }: { readonly set: DaemonSet; readonly plan: DaemonPlan; readonly hash: string },
) {
  const notDeleted = await inGrowingBatches(plan.remove, async (pod) => {
    await writes.delete(ctx, pod);
    ctx.events.record(podDeleted(set, pod.metadata.name));
  });
  if (notDeleted !== undefined) ctx.events.record(podNotDeleted(set, notDeleted.message));
  const notCreated = await inGrowingBatches(plan.create, async (nodeName) => {
    const made = await writes.create(ctx, set, daemonDraft(set, { nodeName, hash, suffix: ctx.ids.suffix(SUFFIX_LENGTH) }));
    ctx.events.record(podCreated(set, made.metadata.name));
  });
  if (notCreated !== undefined) ctx.events.record(podNotCreated(set, notCreated.message));
  return notDeleted ?? notCreated;
}

function usedRevisions({ all, update }: History, pods: readonly Pod[]): ReadonlySet<string> {
  const hashes = new Set([hashOfRevision(update), ...pods.map(hashOfPod)]);
  return new Set(all.filter((revision) => hashes.has(hashOfRevision(revision))).map(({ metadata }) => metadata.name));
}
