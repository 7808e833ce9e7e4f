import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { type Lack, type SchedulingView, startTrial, tryNode } from './filter.ts';
import { sortPodClaims } from './pod-claims.ts';
import { isOver } from './pod-load.ts';
import { type Candidate, chooseNode } from './score.ts';
import type { Assignment } from './volume-fit.ts';

/** What is to be done for a pod. */
export type PlacementPlan =
  /** Not ours, or placed. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'gated' }
  /** No node will do; `message` is upstream's sentence, `lacks` what would have to change (a claim's change wakes its pods anyhow). `mayPass`: it is about a claim, which others may be making ready right now. */
  | { readonly kind: 'unschedulable'; readonly message: string; readonly mayPass: boolean; readonly lacks: ReadonlySet<Lack> }
  /** This node, as soon as the assigned claims are bound. */
  | { readonly kind: 'place'; readonly node: Node; readonly assignments: readonly Assignment[] };

/** The name of this scheduler in pods' `spec.schedulerName`. */
export const SCHEDULER_NAME = 'default-scheduler';

/** Decides where `pod` goes. Pure. */
export function planPlacement(pod: Pod, view: SchedulingView): PlacementPlan {
  if (!wantsNode(pod)) return { kind: 'leave' };
  if ((pod.spec.schedulingGates ?? []).length > 0) return { kind: 'gated' };
  if (view.nodes.length === 0)
    return { kind: 'unschedulable', message: 'no nodes available to schedule pods', mayPass: false, lacks: new Set(['node']) };
  const claims = sortPodClaims(pod, view);
  if (!claims.ok) return { kind: 'unschedulable', message: messageOf(view, claims.error), mayPass: true, lacks: new Set() };
  const trial = startTrial(pod, claims.value, view);
  const counts = new Map<string, number>();
  const lacks = new Set<Lack>();
  const candidates: Candidate[] = [];
  for (const node of view.nodes) {
    const tried = tryNode(trial, node);
    if (tried.ok) candidates.push({ node, volumes: tried.value });
    else {
      lacks.add(tried.error.lack);
      for (const reason of tried.error.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
  }
  const best = chooseNode(trial, candidates);
  if (best !== undefined) return { kind: 'place', node: best.node, assignments: best.volumes.assignments };
  const counted = [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return { kind: 'unschedulable', message: messageOf(view, counted.join(', ')), mayPass: false, lacks };
}

function wantsNode(pod: Pod): boolean {
  if ((pod.spec.nodeName ?? '') !== '' || pod.metadata.deletionTimestamp !== undefined || isOver(pod)) return false;
  return (pod.spec.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME;
}

function messageOf(view: SchedulingView, reasons: string): string {
  return `0/${view.nodes.length} nodes are available: ${reasons}.`;
}
