import type { DaemonSet, Node } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { controllerRevisions, daemonSets, nodes } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { isFitNews } from '../../scheduling/node-fit.ts';
import { keysOfOwners, OWNED_INDEXES, SELECTOR_INDEXES } from '../owners.ts';
import { RevisionHistory } from '../revision-history.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { type DaemonSetParts, reconcileDaemonSet } from './reconcile.ts';

/** DaemonSets that are worked on at a time. */
const CONCURRENCY = 4;

/** Runs one pod on each node where one belongs (kube-controller-manager's `daemonset` controller). */
export function createDaemonSetController(parts: WorkloadParts): Controller<DaemonSet> {
  const { informers, pods } = parts;
  const informer = informers.for(daemonSets, SELECTOR_INDEXES);
  const revisions = informers.for(controllerRevisions, OWNED_INDEXES);
  const own: DaemonSetParts = { ...parts, nodes: informers.for(nodes), history: new RevisionHistory(revisions, daemonSets) };
  return {
    name: 'daemon-set',
    resource: daemonSets,
    informer,
    triggers: [
      trigger(pods, (pod, previous) => keysOfOwners(informer, pod, previous)),
      trigger(revisions, (revision, previous) => keysOfOwners(informer, revision, previous)),
      // why all: a node that came, went or changed concerns every set; heartbeats are no news
      trigger(own.nodes, (node: Node, previous) =>
        isFitNews(node, previous) ? [...informer.all()].map((set) => formatKey(keyOf(set))) : [],
      ),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, set) => reconcileDaemonSet(ctx, own, set),
  };
}
