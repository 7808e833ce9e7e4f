import { isConditionTrue, withCondition } from '#api/conditions.ts';
import type { Lease, Node, Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { leases, nodes, pods } from '#api/resources.ts';
import { type Clock, formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { POD_INDEXES } from '../../indexes.ts';
import * as say from './events.ts';
import { type HealthPlan, planHealth } from './plan-health.ts';

interface Parts {
  readonly nodes: Informer<Node>;
  readonly leases: Informer<Lease>;
  readonly pods: Informer<Pod>;
  readonly listeningSinceMs: number;
}

const CONCURRENCY = 4;
const LEASE_NAMESPACE = 'kube-node-lease';
const READY_INDEX = { ready: (node: Node): readonly string[] => (isReady(node) ? [READY] : []) };
/** The one value of the nodes' index `ready`. */
const READY = 'yes';

/** Tells from their leases which nodes are silent, and keeps pods off the sick ones. */
export function createNodeHealthController(deps: { readonly informers: InformerFactory; readonly clock: Clock }): Controller<Node> {
  const parts: Parts = {
    nodes: deps.informers.for(nodes, READY_INDEX),
    leases: deps.informers.for(leases),
    pods: deps.informers.for(pods, POD_INDEXES),
    listeningSinceMs: deps.clock.nowMs(),
  };
  return {
    name: 'node-health',
    resource: nodes,
    informer: parts.nodes,
    triggers: [
      trigger(parts.leases, ({ metadata }) => (metadata.namespace === LEASE_NAMESPACE ? [metadata.name] : [])),
      // why all: whether a peer is ready decides about the taints of every node that is not; that changes when a node comes or dies, which is rare
      trigger(parts.nodes, (node, previous) =>
        previous !== undefined && isReady(node) === isReady(previous) ? [] : [...parts.nodes.all()].map(({ metadata }) => metadata.name),
      ),
    ],
    reads: [parts.pods],
    concurrency: CONCURRENCY,
    reconcile: (ctx, node) => reconcileHealth(ctx, parts, node),
  };
}

async function reconcileHealth(ctx: Ctx, parts: Parts, node: Node): Promise<Outcome> {
  const { name, resourceVersion } = node.metadata;
  const plan = await planSurely(ctx, parts, node);
  const key = keyOf(node);
  let current = node;
  if (plan.conditions !== undefined) {
    const body = { metadata: { resourceVersion }, status: { conditions: plan.conditions } };
    current = await ctx.client.patch(nodes, { key, patch: { type: 'merge', body } }, { subresource: 'status' });
    if (isReady(node)) ctx.events.record(say.nodeNotReady(node));
  }
  if (plan.taints !== undefined) {
    const body = { metadata: { resourceVersion: current.metadata.resourceVersion }, spec: { taints: plan.taints } };
    current = await ctx.client.patch(nodes, { key, patch: { type: 'merge', body } });
  }
  if (!isReady(current)) await markPods(ctx, parts, name);
  return plan.silentInMs === undefined ? done : after(plan.silentInMs, 'listening for the node');
}

/**
 * The plan by what the cache says of the lease; before a node is called silent, by what the API itself says: a node that renewed its lease in time does
 * not know that anybody missed it, and would not say that it is ready before its next report, minutes later.
 */
async function planSurely(ctx: Ctx, parts: Parts, node: Node): Promise<HealthPlan> {
  const key = { namespace: LEASE_NAMESPACE, name: node.metadata.name };
  const judge = (lease: Lease | undefined): HealthPlan =>
    planHealth(node, {
      lease,
      listeningSinceMs: parts.listeningSinceMs,
      nowMs: ctx.clock.nowMs(),
      hasReadyPeer: parts.nodes.byIndex('ready', READY).some(({ metadata }) => metadata.name !== node.metadata.name),
    });
  const plan = judge(parts.leases.get(key));
  if (plan.conditions === undefined) return plan;
  try {
    return judge(await ctx.client.get(leases, key));
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return judge(undefined);
    throw thrown;
  }
}

/** Nobody is to be sent to pods of a node that does not work. */
async function markPods(ctx: Ctx, parts: Parts, nodeName: string): Promise<void> {
  for (const pod of parts.pods.byIndex('node', nodeName)) {
    if (!isConditionTrue(pod.status?.conditions, 'Ready')) continue;
    const lastTransitionTime = formatTime(ctx.clock.nowMs());
    const conditions = withCondition(pod.status?.conditions, { type: 'Ready', status: 'False', lastTransitionTime });
    const body = { metadata: { resourceVersion: pod.metadata.resourceVersion }, status: { conditions } };
    try {
      await ctx.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) continue;
      throw thrown;
    }
    ctx.events.record(say.podNotReady(pod));
  }
}

function isReady({ status }: Node): boolean {
  return isConditionTrue(status?.conditions, 'Ready');
}
