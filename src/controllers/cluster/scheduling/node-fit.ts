import type { Node, Pod, PodSpec, Taint, Toleration } from '#api/generated/kubernetes.ts';
import { NOT_READY, UNREACHABLE } from './taint-keys.ts';
import { deepEqual } from '#kit/json.ts';
import { matchesNodeSelector, matchesTerm } from '#api/storage/node-selector.ts';

/** Effects of taints that keep a pod off. */
const HARD_EFFECTS = ['NoSchedule', 'NoExecute'];
const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** Taints of nodes that do not work: the node's own words say more. */
const SICK_TAINTS: ReadonlySet<string> = new Set([NOT_READY, UNREACHABLE]);

/** Why `pod` can't run on `node`, volumes aside, in the words of upstream's plugins; undefined where it can. Pure. */
export function whyNodeUnfit(pod: Pod, node: Node): string | undefined {
  const { tolerations } = pod.spec;
  if (node.spec.unschedulable === true && !isTolerated(UNSCHEDULABLE_TAINT, tolerations)) return 'node(s) were unschedulable';
  const untolerated = findUntolerated(node, tolerations, HARD_EFFECTS);
  const sickness = untolerated !== undefined && SICK_TAINTS.has(untolerated.key) ? whyNotReady(node) : undefined;
  if (sickness !== undefined) return sickness;
  if (untolerated !== undefined) return `node(s) had untolerated taint {${untolerated.key}: ${untolerated.value ?? ''}}`;
  if (!isNodeSelected(pod.spec, node)) return "node(s) didn't match Pod's node affinity/selector";
  return whyNotReady(node);
}

/** How many taints of `node` say that `pod` had better not run there. Pure. */
export function countSoftTaints({ spec }: Pod, node: Node): number {
  const soft = node.spec.taints?.filter(({ effect }) => effect === 'PreferNoSchedule') ?? [];
  return soft.filter((taint) => !isTolerated(taint, spec.tolerations)).length;
}

/** How much `pod` prefers `node`: the sum of the weights of the terms that match. Pure. */
export function preferenceOf(pod: Pod, node: Node): number {
  const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.reduce((sum, { preference, weight }) => sum + (matchesTerm(preference, node) ? weight : 0), 0);
}

/** True where something of `node` changed that may let a pod run there, or not any more. */
export function isFitNews(node: Node, previous: Node | undefined): boolean {
  return previous === undefined || !deepEqual(node.metadata.labels, previous.metadata.labels) || !deepEqual(doorOf(node), doorOf(previous));
}

/** What of a node, labels aside, lets pods in or keeps them out. Pure. */
export function doorOf({ spec, status }: Node): readonly unknown[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return [spec.unschedulable ?? false, spec.taints ?? [], ready?.status, ready?.message];
}

// why in the scheduler and not by a taint: the embedded node says itself why it can't run pods, and the user is to read it where he looks first
function whyNotReady(node: Node): string | undefined {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  const because = ready?.message ?? '';
  return because === '' ? 'node(s) were not ready' : `node(s) were not ready: ${because.replace(/\.$/, '')}`;
}

/** True where `node` has the labels that a pod asks for, and is one of those of its required affinity. Pure. */
export function isNodeSelected(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  const hasLabels = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return hasLabels && (required === undefined || matchesNodeSelector(required, node));
}

/** True where `node` has a taint of one of these effects that `tolerations` don't bear. Pure. */
export function hasUntoleratedTaint(node: Node, tolerations: readonly Toleration[], effects: readonly string[]): boolean {
  return findUntolerated(node, tolerations, effects) !== undefined;
}

function findUntolerated(node: Node, tolerations: readonly Toleration[] | undefined, effects: readonly string[]): Taint | undefined {
  return node.spec.taints?.find((taint) => effects.includes(taint.effect) && !isTolerated(taint, tolerations));
}

function isTolerated(taint: Taint, tolerations: readonly Toleration[] = []): boolean {
  return tolerations.some((toleration) => tolerates(toleration, taint));
}

/** True where the taint is borne: Toleration.ToleratesTaint of kubernetes/api core/v1; an absent field equals an empty one. Pure. */
export function tolerates({ key = '', effect = '', operator, value }: Toleration, taint: Taint): boolean {
  const isForTaint = (effect === '' || effect === taint.effect) && (key === '' || key === taint.key);
  return isForTaint && (operator === 'Exists' || isEqual({ key, value }, taint));
}

function isEqual({ key, value = '' }: Pick<Toleration, 'key' | 'value'>, taint: Taint): boolean {
  return key !== '' && value === (taint.value ?? '');
}
