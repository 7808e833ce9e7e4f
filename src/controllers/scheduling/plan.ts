import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { fail } from '#kit/errors.ts';
import { preferenceOf, whyNodeUnfit } from './node-fit.ts';
import { type ClaimLookup, type PodClaims, sortPodClaims } from './pod-claims.ts';
import { assignVolumes, type Assignment, type VolumeLookup } from './volume-fit.ts';

/** What is to be done for a pod. */
export type PlacementPlan =
  /** Not ours, or placed. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'gated' }
  /** No node will do; `message` is upstream's sentence. `mayPass`: it is about a claim, which others may be making ready right now. */
  | { readonly kind: 'unschedulable'; readonly message: string; readonly mayPass: boolean }
  /** This node, as soon as the assigned claims are bound. */
  | { readonly kind: 'place'; readonly node: Node; readonly assignments: readonly Assignment[] };

/** What the plan looks at beside the pod. */
export interface SchedulingView extends ClaimLookup, VolumeLookup {
  readonly nodes: readonly Node[];
  /** How many pods a node has. */
  readonly podCount: (nodeName: string) => number;
  /** True where another pod with a node uses a claim of this pod that only one pod may use. */
  readonly hasExclusiveConflict: boolean;
}

/** The name of this scheduler in pods' `spec.schedulerName`. */
export const SCHEDULER_NAME = 'default-scheduler';

/** Decides where `pod` goes. Pure. */
export function planPlacement(pod: Pod, view: SchedulingView): PlacementPlan {
  if (!wantsNode(pod)) return { kind: 'leave' };
  if ((pod.spec.schedulingGates ?? []).length > 0) return { kind: 'gated' };
  if (view.nodes.length === 0) return { kind: 'unschedulable', message: 'no nodes available to schedule pods', mayPass: false };
  const claims = sortPodClaims(pod, view);
  if (!claims.ok) return { ...unschedulable(view, claims.error), mayPass: true };
  if (view.hasExclusiveConflict) return unschedulable(view, EXCLUSIVE_CONFLICT);
  return planAmongNodes(pod, claims.value, view);
}

/** VolumeRestrictions' reason (upstream pkg/scheduler/framework/plugins/volumerestrictions). */
const EXCLUSIVE_CONFLICT =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

interface Candidate {
  readonly node: Node;
  readonly assignments: readonly Assignment[];
}

function planAmongNodes(pod: Pod, claims: PodClaims, view: SchedulingView): PlacementPlan {
  const reasons = new Map<string, number>();
  const candidates: Candidate[] = [];
  for (const node of view.nodes) {
    const unfit = whyNodeUnfit(pod, node);
    const assigned = unfit === undefined ? assignVolumes(claims, node, view) : fail(unfit);
    if (assigned.ok) candidates.push({ node, assignments: assigned.value });
    else reasons.set(assigned.error, (reasons.get(assigned.error) ?? 0) + 1);
  }
  const [best] = candidates.toSorted((a, b) => compareNodes(pod, view, { a: a.node, b: b.node }));
  if (best !== undefined) return { kind: 'place', ...best };
  const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return unschedulable(view, counted.join(', '));
}

function wantsNode(pod: Pod): boolean {
  if ((pod.spec.nodeName ?? '') !== '' || pod.metadata.deletionTimestamp !== undefined || isOver(pod)) return false;
  return (pod.spec.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME;
}

function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function unschedulable(view: SchedulingView, reasons: string): Extract<PlacementPlan, { kind: 'unschedulable' }> {
  return { kind: 'unschedulable', mayPass: false, message: `0/${view.nodes.length} nodes are available: ${reasons}.` };
}

/** The preferred node first, then the one with fewer pods, then by name. */
function compareNodes(pod: Pod, view: SchedulingView, { a, b }: { readonly a: Node; readonly b: Node }): number {
  const byPreference = preferenceOf(pod, b) - preferenceOf(pod, a);
  if (byPreference !== 0) return byPreference;
  const byLoad = view.podCount(a.metadata.name) - view.podCount(b.metadata.name);
  if (byLoad !== 0) return byLoad;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
