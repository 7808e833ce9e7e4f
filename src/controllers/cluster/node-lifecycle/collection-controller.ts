import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { nodes, pods } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { isOutOfService } from '../attach-detach/plan.ts';
import { POD_INDEXES } from '../../indexes.ts';
import { deletePod, markDisrupted } from '../pod-removal/disrupt-pod.ts';
import { hasEnded, planCollection, surplusOf } from './plan-collection.ts';

interface Parts {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  /** When a node was first missed; bounded by the names that pods have as nodes. */
  readonly missedSinceMs: Map<string, number>;
  readonly threshold: number;
}

const CONCURRENCY = 4;
/** A node that is missed for this long is gone (podgc `quarantineTime`). */
const QUARANTINE_MS = 40_000;
/** Pods that have ended and are kept (kube-controller-manager `--terminated-pod-gc-threshold`). */
const ENDED_THRESHOLD = 12_500;
const ENDED_INDEX = { ended: (pod: Pod): readonly string[] => (hasEnded(pod) ? [ENDED] : []) };
/** The one value of the pods' index `ended`. */
const ENDED = 'yes';

/** Deletes pods that nobody runs and nobody will end. */
export function createPodCollectionController(deps: {
  readonly informers: InformerFactory;
  readonly endedThreshold?: number;
}): Controller<Pod> {
  const parts: Parts = {
    pods: deps.informers.for(pods, { ...POD_INDEXES, ...ENDED_INDEX }),
    nodes: deps.informers.for(nodes),
    missedSinceMs: new Map(),
    threshold: deps.endedThreshold ?? ENDED_THRESHOLD,
  };
  const podsOn = ({ metadata }: Node): readonly string[] => parts.pods.byIndex('node', metadata.name).map((pod) => formatKey(keyOf(pod)));
  return {
    name: 'pod-collection',
    resource: pods,
    informer: parts.pods,
    triggers: [
      trigger(parts.nodes, (node, previous) => {
        const isGone = parts.nodes.get(keyOf(node)) === undefined;
        return isGone || isOutOfService(node) || previous === undefined ? podsOn(node) : [];
      }),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, pod) => reconcileCollection(ctx, parts, pod),
  };
}

async function reconcileCollection(ctx: Ctx, parts: Parts, pod: Pod): Promise<Outcome> {
  const nodeName = pod.spec.nodeName ?? '';
  const node = parts.nodes.get({ namespace: '', name: nodeName });
  if (node !== undefined) parts.missedSinceMs.delete(nodeName);
  const plan = planCollection(pod, node);
  switch (plan.kind) {
    case 'unscheduled':
      await deletePod(ctx, pod, 'byForce');
      return done;
    case 'nodeGone':
      return collectOrphan(ctx, parts, pod);
    case 'outOfService': {
      const message = `PodGC: node ${nodeName} is out of service`;
      const marked = await markDisrupted(ctx, pod, { reason: 'DeletionByPodGC', message, phase: 'Failed' });
      if (marked !== undefined) await deletePod(ctx, marked, 'byForce');
      return done;
    }
    case 'leave':
      await collectSurplus(ctx, parts, pod);
      return done;
  }
}

async function collectOrphan(ctx: Ctx, { missedSinceMs }: Parts, pod: Pod): Promise<Outcome> {
  const nodeName = pod.spec.nodeName ?? '';
  const nowMs = ctx.clock.nowMs();
  const sinceMs = missedSinceMs.get(nodeName) ?? nowMs;
  missedSinceMs.set(nodeName, sinceMs);
  if (nowMs - sinceMs < QUARANTINE_MS) return after(sinceMs + QUARANTINE_MS - nowMs, 'its node may come back');
  if (await exists(ctx, nodeName)) return done;
  const marked = await markDisrupted(ctx, pod, { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', phase: 'Failed' });
  if (marked !== undefined) await deletePod(ctx, marked, 'byForce');
  return done;
}

/** Asks the API: the cache may be behind. */
async function exists(ctx: Ctx, nodeName: string): Promise<boolean> {
  try {
    await ctx.client.get(nodes, { namespace: '', name: nodeName });
    return true;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return false;
    throw thrown;
  }
}

async function collectSurplus(ctx: Ctx, { pods: informer, threshold }: Parts, pod: Pod): Promise<void> {
  // why the size first: those that have ended are only counted where they can be too many
  if (!hasEnded(pod) || informer.size <= threshold) return;
  for (const surplus of surplusOf(informer.byIndex('ended', ENDED), threshold)) await deletePod(ctx, surplus, 'byForce');
}
