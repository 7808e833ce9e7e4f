import type { StatefulSet } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { controllerRevisions, persistentVolumeClaims, statefulSets } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { keysOfOwners, OWNED_INDEXES, OwnedObjects, SELECTOR_INDEXES } from '../owners.ts';
import { RevisionHistory } from '../revision-history.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { ordinalOf } from './identity.ts';
import { claimFamiliesOf, claimFamilyOf } from './plan-claim-updates.ts';
import { reconcileStatefulSet, type StatefulSetParts } from './reconcile.ts';

/** StatefulSets that are worked on at a time. */
const CONCURRENCY = 8;

/** Gives numbered pods their own claims, in order (kube-controller-manager's `statefulset` controller). */
export function createStatefulSetController({ informers, pods, writes }: WorkloadParts): Controller<StatefulSet> {
  const informer = informers.for(statefulSets, { ...SELECTOR_INDEXES, claimFamily: claimFamiliesOf });
  const claims = informers.for(persistentVolumeClaims);
  const revisions = informers.for(controllerRevisions, OWNED_INDEXES);
  const parts: StatefulSetParts = {
    pods,
    podsOf: new OwnedObjects(pods, (set: StatefulSet, pod) => ordinalOf(set, pod) !== undefined),
    claims,
    history: new RevisionHistory(revisions, statefulSets),
    writes,
  };
  return {
    name: 'stateful-set',
    resource: statefulSets,
    informer,
    triggers: [
      trigger(pods, (pod, previous) => keysOfOwners(informer, pod, previous)),
      trigger(revisions, (revision, previous) => keysOfOwners(informer, revision, previous)),
      trigger(claims, (claim) => informer.byIndex('claimFamily', claimFamilyOf(claim)).map((set) => formatKey(keyOf(set)))),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, set) => reconcileStatefulSet(ctx, parts, set),
  };
}
