import type { Node, Pod, Taint } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { nodes, pods } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { POD_INDEXES } from '../../indexes.ts';
import { deletePod, markDisrupted } from '../pod-removal/disrupt-pod.ts';
import * as say from './events.ts';
import { evictingTaints, planEviction } from './plan-eviction.ts';

const CONCURRENCY = 8;

/** Deletes pods that do not bear the `NoExecute` taints of their node, each when its tolerations have run out. */
export function createTaintEvictionController({ informers }: { readonly informers: InformerFactory }): Controller<Pod> {
  const podInformer = informers.for(pods, POD_INDEXES);
  const nodeInformer = informers.for(nodes);
  const seen = new TaintTimes();
  return {
    name: 'taint-eviction',
    resource: pods,
    informer: podInformer,
    triggers: [
      trigger(nodeInformer, (node, previous) =>
        deepEqual(evictingTaints(node.spec.taints), evictingTaints(previous?.spec.taints)) ? [] : podsOn(podInformer, node),
      ),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, pod) => reconcileEviction(ctx, { node: nodeOf(nodeInformer, pod), seen }, pod),
  };
}

function podsOn(informer: Informer<Pod>, { metadata }: Node): readonly string[] {
  return informer.byIndex('node', metadata.name).map((pod) => formatKey(keyOf(pod)));
}

function nodeOf(informer: Informer<Node>, { spec }: Pod): Node | undefined {
  return informer.get({ namespace: '', name: spec.nodeName ?? '' });
}

async function reconcileEviction(
  ctx: Ctx,
  { node, seen }: { readonly node: Node | undefined; readonly seen: TaintTimes },
  pod: Pod,
): Promise<Outcome> {
  if (node === undefined || pod.metadata.deletionTimestamp !== undefined) return done;
  const taints = evictingTaints(node.spec.taints);
  const nowMs = ctx.clock.nowMs();
  seen.update(node.metadata.name, taints, nowMs);
  const plan = planEviction(pod, taints, { sinceMs: (taint) => seen.sinceMs(node.metadata.name, taint) ?? nowMs, nowMs });
  if (plan.kind === 'stay') return done;
  if (plan.kind === 'later') return after(plan.delayMs, 'the pod bears a taint of its node for a while');
  ctx.events.record(say.evicted(pod));
  const marked = await markDisrupted(ctx, pod, {
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
  });
  if (marked !== undefined) await deletePod(ctx, marked, 'gracefully');
  return done;
}

/**
 * When the taints that do not say it themselves were first seen; `kubectl taint` sets none, and the controller's own are as old as they say.
 * After a start their time begins anew, as upstream's.
 */
class TaintTimes {
  readonly #firstSeenMs = new Map<string, ReadonlyMap<string, number>>();

  update(nodeName: string, taints: readonly Taint[], nowMs: number): void {
    const before = this.#firstSeenMs.get(nodeName);
    const times = taints.map((taint) => [idOf(taint), before?.get(idOf(taint)) ?? ownTimeMs(taint) ?? nowMs] as const);
    if (times.length === 0) this.#firstSeenMs.delete(nodeName);
    else this.#firstSeenMs.set(nodeName, new Map(times));
  }

  sinceMs(nodeName: string, taint: Taint): number | undefined {
    return this.#firstSeenMs.get(nodeName)?.get(idOf(taint));
  }
}

function idOf({ key, value = '', effect, timeAdded = '' }: Taint): string {
  return `${key}=${value}:${effect}@${timeAdded}`;
}

function ownTimeMs({ timeAdded }: Taint): number | undefined {
  const timeMs = Date.parse(timeAdded ?? '');
  return Number.isNaN(timeMs) ? undefined : timeMs;
}
