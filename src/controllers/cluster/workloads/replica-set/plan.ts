import type { Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from '#api/generated/kubernetes.ts';
import { findCondition, withCondition, withoutCondition } from '#api/conditions.ts';
import { countReady, isActive, isReady, readySinceMs, restartsOf } from '../pod-facts.ts';

/** How many pods to make, and which to delete. */
export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** The pods of `set` as they should be. `going` are those whose deletion was asked for. Pure. */
export function planReplicas(set: ReplicaSet, pods: readonly Pod[], isGoing: (pod: Pod) => boolean): ReplicaPlan {
  const active = pods.filter((pod) => isActive(pod) && !isGoing(pod));
  const surplus = active.length - (set.spec.replicas ?? 1);
  if (surplus <= 0) return { create: -surplus, remove: [] };
  return { create: 0, remove: rankForRemoval(active).slice(0, surplus) };
}

/** Annotation by which a user says which pod to keep longest (core/v1 `PodDeletionCost`). */
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASES = ['Pending', 'Unknown', 'Running'];

/** The pods that are missed least come first (controller_utils.go `ActivePodsWithRanks`). Pure. */
export function rankForRemoval(pods: readonly Pod[]): readonly Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of pods) perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1);
  const facts = pods.map((pod) => ({ pod, ranks: ranksOf(pod, perNode.get(pod.spec.nodeName ?? '') ?? 0) }));
  return facts.toSorted((a, b) => compareRanks(a.ranks, b.ranks)).map(({ pod }) => pod);
}

function ranksOf(pod: Pod, onSameNode: number): readonly number[] {
  const cost = Number.parseInt(pod.metadata.annotations?.[DELETION_COST] ?? '0', 10);
  return [
    pod.spec.nodeName === undefined || pod.spec.nodeName === '' ? 0 : 1,
    PHASES.indexOf(pod.status?.phase ?? 'Pending'),
    isReady(pod) ? 1 : 0,
    Number.isNaN(cost) ? 0 : cost,
    -onSameNode,
    isReady(pod) ? -readySinceMs(pod, 0) : 0,
    -restartsOf(pod),
    -Date.parse(pod.metadata.creationTimestamp),
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, rank] of a.entries()) {
    const difference = rank - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What went wrong while pods were made or deleted. */
export interface ReplicaFailure {
  readonly reason: string;
  readonly message: string;
}

/** What a status is made from. */
export interface ReplicaView {
  readonly pods: readonly Pod[];
  readonly isGoing: (pod: Pod) => boolean;
  readonly failure: ReplicaFailure | undefined;
  readonly nowMs: number;
  /** RFC 3339. */
  readonly now: string;
}

/** The status of `set`, and when it changes next by itself (replica_set_utils.go `calculateStatus`). Pure. */
export function replicaStatus(set: ReplicaSet, view: ReplicaView): { readonly status: ReplicaSetStatus; readonly nextMs?: number } {
  const active = view.pods.filter((pod) => isActive(pod) && !view.isGoing(pod));
  const { ready, available, nextMs } = countReady(active, set.spec.minReadySeconds ?? 0, view.nowMs);
  const labels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const conditions = conditionsOf(set, view);
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) => labels.every(([key, value]) => metadata.labels?.[key] === value)).length,
    readyReplicas: ready,
    availableReplicas: available,
    terminatingReplicas: view.pods.filter((pod) => view.isGoing(pod)).length,
    observedGeneration: set.metadata.generation,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
  return { status, ...(nextMs === undefined ? {} : { nextMs }) };
}

function conditionsOf({ status }: ReplicaSet, { failure, now }: ReplicaView): readonly ReplicaSetCondition[] {
  if (failure === undefined) return withoutCondition(status?.conditions, 'ReplicaFailure');
  const before = findCondition(status?.conditions, 'ReplicaFailure');
  // why: the same failure again, with another pod's name in its words, is no news
  if (before?.reason === failure.reason && before.status === 'True') return status?.conditions ?? [];
  return withCondition(status?.conditions, { type: 'ReplicaFailure', status: 'True', ...failure, lastTransitionTime: now });
}
