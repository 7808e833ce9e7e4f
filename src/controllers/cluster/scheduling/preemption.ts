import { budgetCovers } from '#api/disruption.ts';
import type { Node, Pod, PodDisruptionBudget } from '#api/generated/kubernetes.ts';
import { type SchedulingView, startTrial, tryNode } from './filter.ts';
import { ledgerView } from './ledger-view.ts';
import { whyNodeUnfit } from './node-fit.ts';
import { sortPodClaims } from './pod-claims.ts';
import { priorityOf } from './pod-load.ts';

/** Pods of lower priority that have to leave `node`, so that a pod can run there. */
export interface Preemption {
  readonly node: Node;
  /** The more important ones first. */
  readonly victims: readonly Pod[];
}

/** What is to be done for a pod that no node takes. */
export type PreemptionPlan =
  /** Nobody may or need leave. */
  | { readonly kind: 'none' }
  /** Those that had to leave are still leaving. */
  | { readonly kind: 'wait' }
  | ({ readonly kind: 'preempt' } & Preemption);

/** Reason of the condition DisruptionTarget of a pod that has to leave (core/v1 `PodReasonPreemptionByScheduler`). */
export const PREEMPTION_REASON = 'PreemptionByScheduler';

/** The budgets of a namespace. */
export type BudgetsOf = (namespace: string) => readonly PodDisruptionBudget[];

/** Nodes that are looked at in depth for one pod (upstream `minCandidateNodesAbsolute`). */
const MAX_CANDIDATES = 100;

/** Who has to leave so that `pod`, which no node takes as things are, can run (upstream's plugin DefaultPreemption). Pure. */
export function planPreemption(pod: Pod, view: SchedulingView, budgets: BudgetsOf): PreemptionPlan {
  if (pod.spec.preemptionPolicy === 'Never') return { kind: 'none' };
  const nominated = view.node(pod.status?.nominatedNodeName ?? '');
  const isWaiting = nominated !== undefined && whyNodeUnfit(pod, nominated) === undefined;
  if (isWaiting && inferiors(pod, view, nominated.metadata.name).some(isLeavingForAnother)) return { kind: 'wait' };
  const candidates: Candidate[] = [];
  for (const node of nodesToTry(pod, view)) {
    const candidate = tryPreempting(pod, node, { view, budgets });
    if (candidate !== undefined) candidates.push(candidate);
  }
  const best = candidates.toSorted(byCost)[0];
  return best === undefined ? { kind: 'none' } : { kind: 'preempt', node: best.node, victims: best.victims };
}

/** Those that others leaving could help on: the pod may run there, and somebody less important does. */
function nodesToTry(pod: Pod, view: SchedulingView): readonly Node[] {
  const found: Node[] = [];
  for (const node of view.nodes) {
    if (found.length >= MAX_CANDIDATES) break;
    if (whyNodeUnfit(pod, node) === undefined && inferiors(pod, view, node.metadata.name).length > 0) found.push(node);
  }
  return found;
}

interface Candidate extends Preemption {
  /** Victims whose budget has no room for that. */
  readonly violations: number;
}

/** Pods of lower priority on a node, the more important ones first. */
function inferiors(pod: Pod, view: SchedulingView, nodeName: string): readonly Pod[] {
  const lower = [...view.ledger.loadOf(nodeName).pods.values()].filter((other) => priorityOf(other) < priorityOf(pod));
  return lower.toSorted((a, b) => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b));
}

function isLeavingForAnother({ metadata, status }: Pod): boolean {
  const isMarked = status?.conditions?.some(({ type, reason }) => type === 'DisruptionTarget' && reason === PREEMPTION_REASON) ?? false;
  return metadata.deletionTimestamp !== undefined && isMarked;
}

/** The fewest that have to leave `node`: all of lower priority are thought away, then as many as fit let stay, those first that a budget protects. */
function tryPreempting(pod: Pod, node: Node, on: { readonly view: SchedulingView; readonly budgets: BudgetsOf }): Candidate | undefined {
  const { view, budgets } = on;
  const lower = inferiors(pod, view, node.metadata.name);
  const leaving = new Set(lower.map(({ metadata }) => metadata.uid));
  if (lower.length === 0 || !fitsWithout(leaving, { pod, node, view })) return undefined;
  const shielded = shieldedBy(budgets, lower);
  for (const other of [...lower.filter((one) => shielded.has(one)), ...lower.filter((one) => !shielded.has(one))]) {
    leaving.delete(other.metadata.uid);
    if (!fitsWithout(leaving, { pod, node, view })) leaving.add(other.metadata.uid);
  }
  const victims = lower.filter(({ metadata }) => leaving.has(metadata.uid));
  // why: it would fit as it is, so that what it waits for is something else
  if (victims.length === 0) return undefined;
  return { node, victims, violations: victims.filter((victim) => shielded.has(victim)).length };
}

function fitsWithout(
  leaving: ReadonlySet<string>,
  { pod, node, view }: { readonly pod: Pod; readonly node: Node; readonly view: SchedulingView },
): boolean {
  const { ledger, settled } = view;
  const left: SchedulingView = {
    ...view,
    ledger: ledgerView(ledger, { without: leaving }),
    settled: settled === undefined ? undefined : ledgerView(settled, { without: leaving }),
    rivals: view.rivals.filter((uid) => !leaving.has(uid)),
  };
  const claims = sortPodClaims(pod, left);
  return claims.ok && tryNode(startTrial(pod, claims.value, left), node).ok;
}

/** Those of `pods` for which a budget has no room, each place given to the more important ones. */
function shieldedBy(budgets: BudgetsOf, pods: readonly Pod[]): ReadonlySet<Pod> {
  const left = new Map<PodDisruptionBudget, number>();
  const shielded = new Set<Pod>();
  for (const pod of pods) {
    for (const budget of budgets(pod.metadata.namespace ?? '')) {
      if (!budgetCovers(budget, pod) || budget.status?.disruptedPods?.[pod.metadata.name] !== undefined) continue;
      const room = left.get(budget) ?? budget.status?.disruptionsAllowed ?? 0;
      left.set(budget, room - 1);
      if (room <= 0) shielded.add(pod);
    }
  }
  return shielded;
}

/** Upstream's order (`pickOneNodeForPreemption`): budgets, the most important victim, the sum, the number, who started last. */
function byCost(a: Candidate, b: Candidate): number {
  const difference = costOf(a)
    .map((cost, index) => cost - (costOf(b)[index] ?? 0))
    .find((one) => one !== 0);
  return difference ?? 0;
}

function costOf({ victims, violations }: Candidate): readonly number[] {
  const [first] = victims;
  const highest = first === undefined ? 0 : priorityOf(first);
  // why the offset: more victims cost more, whatever the sign of their priorities
  const sum = victims.reduce((total, victim) => total + priorityOf(victim) + PRIORITY_OFFSET, 0);
  const earliest = Math.min(...victims.filter((victim) => priorityOf(victim) === highest).map(startOf));
  return [violations, highest, sum, victims.length, -earliest];
}

/** Makes each priority, an int32, positive. */
const PRIORITY_OFFSET = 2 ** 31;

function startOf({ metadata, status }: Pod): number {
  return Date.parse(status?.startTime ?? metadata.creationTimestamp);
}
