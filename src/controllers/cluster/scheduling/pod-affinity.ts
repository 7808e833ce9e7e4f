import type { Node, Pod, PodAffinityTerm } from '#api/generated/kubernetes.ts';
import type { PlacedPod } from './pod-ledger.ts';
import { isMeant, type NamespaceLabels } from './pod-terms.ts';

/** What affinity between pods looks at. */
export interface Neighbours {
  readonly all: () => Iterable<PlacedPod>;
  /** Those with affinity or anti-affinity of their own. */
  readonly choosy: () => Iterable<PlacedPod>;
  readonly node: (name: string) => Node | undefined;
  readonly namespaceLabels: NamespaceLabels;
}

/** For one pod: why a node is too far from, or too near to, other pods, and how much better than another it is. */
export interface AffinityJudge {
  readonly whyUnfit: (node: Node) => string | undefined;
  /** A sum of weights: larger is better, may be negative. */
  readonly preference: (node: Node) => number;
}

/** Upstream's weight of a required affinity that another pod has for this one (`hardPodAffinityWeight`). */
const REQUIRED_WEIGHT = 1;

/** Looks once at the pods that count for `pod` (InterPodAffinity, PreFilter and PreScore). Pure. */
export function judgeAffinity(pod: Pod, near: Neighbours): AffinityJudge {
  const terms = termsOf(pod);
  const hasOwn = terms.near.length + terms.apart.length + terms.preferred.length > 0;
  const tally: Tally = { near: terms.near.map(() => new Set()), apart: new Set(), refused: new Set(), weights: new Map() };
  if (hasOwn) for (const other of near.all()) countOwn(tally, { pod, terms, other, near });
  for (const other of near.choosy()) countTheirs(tally, { pod, other, near });
  const isFirst =
    tally.near.every((pairs) => pairs.size === 0) && terms.near.every((term) => isMeant(pod, { owner: pod, term }, near.namespaceLabels));
  return {
    whyUnfit: (node) => whyUnfit(node, { terms, tally, isFirst }),
    preference: (node) => preferenceOf(node, tally),
  };
}

interface Terms {
  readonly near: readonly PodAffinityTerm[];
  readonly apart: readonly PodAffinityTerm[];
  readonly preferred: readonly WeightedTerm[];
}

interface WeightedTerm {
  readonly term: PodAffinityTerm;
  /** Negative for anti-affinity. */
  readonly weight: number;
}

/** Pairs of a topology key and its value, as `key=value`. */
interface Tally {
  /** For each required term, where pods are that satisfy all of them. */
  readonly near: readonly Set<string>[];
  readonly apart: Set<string>;
  readonly refused: Set<string>;
  readonly weights: Map<string, number>;
}

function termsOf({ spec }: Pod): Terms {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {};
  const weighted = (list: typeof podAffinity, sign: 1 | -1): readonly WeightedTerm[] =>
    (list?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm, weight }) => ({
      term: podAffinityTerm,
      weight: sign * weight,
    }));
  return {
    near: podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    apart: podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [],
    preferred: [...weighted(podAffinity, 1), ...weighted(podAntiAffinity, -1)],
  };
}

function countOwn(
  tally: Tally,
  { pod, terms, other, near }: { readonly pod: Pod; readonly terms: Terms; readonly other: PlacedPod; readonly near: Neighbours },
): void {
  const node = near.node(other.nodeName);
  if (node === undefined || other.pod.metadata.uid === pod.metadata.uid) return;
  const isOne = (term: PodAffinityTerm): boolean => isMeant(other.pod, { owner: pod, term }, near.namespaceLabels);
  // why all at once: required terms speak of one and the same pod
  if (terms.near.length > 0 && terms.near.every(isOne)) terms.near.forEach((term, index) => addPair(tally.near[index], node, term));
  for (const term of terms.apart) if (isOne(term)) addPair(tally.apart, node, term);
  for (const { term, weight } of terms.preferred) if (isOne(term)) addWeight(tally, { node, term, weight });
}

function countTheirs(
  tally: Tally,
  { pod, other, near }: { readonly pod: Pod; readonly other: PlacedPod; readonly near: Neighbours },
): void {
  const node = near.node(other.nodeName);
  if (node === undefined || other.pod.metadata.uid === pod.metadata.uid) return;
  const theirs = termsOf(other.pod);
  const isMeantBy = (term: PodAffinityTerm): boolean => isMeant(pod, { owner: other.pod, term }, near.namespaceLabels);
  for (const term of theirs.apart) if (isMeantBy(term)) addPair(tally.refused, node, term);
  for (const term of theirs.near) if (isMeantBy(term)) addWeight(tally, { node, term, weight: REQUIRED_WEIGHT });
  for (const { term, weight } of theirs.preferred) if (isMeantBy(term)) addWeight(tally, { node, term, weight });
}

function whyUnfit(
  node: Node,
  { terms, tally, isFirst }: { readonly terms: Terms; readonly tally: Tally; readonly isFirst: boolean },
): string | undefined {
  const isNear = terms.near.every((term, index) => {
    const pair = pairOf(node, term);
    // why: the first of pods that want to be together may go anywhere
    return pair !== undefined && (isFirst || tally.near[index]?.has(pair) === true);
  });
  if (!isNear) return "node(s) didn't match pod affinity rules";
  if (hasPair(node, tally.apart)) return "node(s) didn't match pod anti-affinity rules";
  return hasPair(node, tally.refused) ? "node(s) didn't satisfy existing pods anti-affinity rules" : undefined;
}

function preferenceOf(node: Node, { weights }: Tally): number {
  if (weights.size === 0) return 0;
  return Object.entries(node.metadata.labels ?? {}).reduce((sum, [key, value]) => sum + (weights.get(`${key}=${value}`) ?? 0), 0);
}

function hasPair(node: Node, pairs: ReadonlySet<string>): boolean {
  return pairs.size > 0 && Object.entries(node.metadata.labels ?? {}).some(([key, value]) => pairs.has(`${key}=${value}`));
}

function addPair(pairs: Set<string> | undefined, node: Node, term: PodAffinityTerm): void {
  const pair = pairOf(node, term);
  if (pair !== undefined) pairs?.add(pair);
}

function addWeight({ weights }: Tally, { node, term, weight }: WeightedTerm & { readonly node: Node }): void {
  const pair = pairOf(node, term);
  if (pair !== undefined) weights.set(pair, (weights.get(pair) ?? 0) + weight);
}

function pairOf(node: Node, { topologyKey }: PodAffinityTerm): string | undefined {
  const value = node.metadata.labels?.[topologyKey];
  return value === undefined ? undefined : `${topologyKey}=${value}`;
}
