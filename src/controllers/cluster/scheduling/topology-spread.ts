import type { Node, Pod, TopologySpreadConstraint } from '#api/generated/kubernetes.ts';
import { hasUntoleratedTaint, isNodeSelected } from './node-fit.ts';
import type { PlacedPod } from './pod-ledger.ts';
import { matchesPods, selectorOf } from './pod-terms.ts';

/** What spreading looks at. */
export interface SpreadView {
  readonly nodes: readonly Node[];
  readonly inNamespace: (namespace: string) => Iterable<PlacedPod>;
}

/** For one pod: why a node would make the spread too uneven, and how full its domains are. */
export interface SpreadJudge {
  readonly whyUnfit: (node: Node) => string | undefined;
  /** Smaller is better; Infinity where the node is in none of the domains. */
  readonly crowd: (node: Node) => number;
}

/** Upstream's reasons of PodTopologySpread. */
const TOO_UNEVEN = "node(s) didn't match pod topology spread constraints";
const NO_DOMAIN = `${TOO_UNEVEN} (missing required label)`;
/** Effects of taints that keep a node out of the count where the constraint says so. */
const HARD_EFFECTS = ['NoSchedule', 'NoExecute'];

/** Counts once the pods that each constraint of `pod` is about (PodTopologySpread, PreFilter and PreScore). Pure. */
export function judgeSpread(pod: Pod, view: SpreadView): SpreadJudge {
  const constraints = pod.spec.topologySpreadConstraints ?? [];
  const hard = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== 'ScheduleAnyway');
  const soft = constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway');
  const [required, preferred] = [count(pod, hard, view), count(pod, soft, view)];
  return {
    whyUnfit: (node) => firstReason(node, required),
    crowd: (node) => preferred.reduce((sum, domains) => sum + crowdOf(node, domains), 0),
  };
}

interface Domains {
  readonly constraint: TopologySpreadConstraint;
  /** Matching pods by the value of the topology key, of nodes that count. */
  readonly pods: ReadonlyMap<string, number>;
  /** 1 where the pod itself is one of those that are counted. */
  readonly self: 0 | 1;
}

function count(pod: Pod, constraints: readonly TopologySpreadConstraint[], view: SpreadView): readonly Domains[] {
  if (constraints.length === 0) return [];
  const keys = constraints.map(({ topologyKey }) => topologyKey);
  // why all keys: a node that lacks one of them is in no domain of any constraint
  const complete = view.nodes.filter(({ metadata: { labels } }) => keys.every((key) => labels?.[key] !== undefined));
  const others = [...view.inNamespace(pod.metadata.namespace ?? '')].filter(
    ({ pod: { metadata } }) => metadata.uid !== pod.metadata.uid && metadata.deletionTimestamp === undefined,
  );
  return constraints.map((constraint) => {
    const selector = selectorOf(pod, constraint);
    const domainOf = new Map(
      complete.filter((node) => counts(pod, constraint, node)).map((node) => [node.metadata.name, domain(node, constraint)]),
    );
    const pods = new Map([...domainOf.values()].map((name) => [name, 0]));
    for (const other of others) {
      const name = domainOf.get(other.nodeName);
      if (name !== undefined && matchesPods(selector, other.pod)) pods.set(name, (pods.get(name) ?? 0) + 1);
    }
    return { constraint, pods, self: matchesPods(selector, pod) ? 1 : 0 };
  });
}

function domain({ metadata }: Node, { topologyKey }: TopologySpreadConstraint): string {
  return metadata.labels?.[topologyKey] ?? '';
}

function counts(pod: Pod, constraint: TopologySpreadConstraint, node: Node): boolean {
  if ((constraint.nodeAffinityPolicy ?? 'Honor') === 'Honor' && !isNodeSelected(pod.spec, node)) return false;
  return constraint.nodeTaintsPolicy !== 'Honor' || !hasUntoleratedTaint(node, pod.spec.tolerations ?? [], HARD_EFFECTS);
}

function firstReason(node: Node, required: readonly Domains[]): string | undefined {
  for (const { constraint, pods, self } of required) {
    const name = node.metadata.labels?.[constraint.topologyKey];
    if (name === undefined) return NO_DOMAIN;
    const hasFewDomains = pods.size < (constraint.minDomains ?? 1);
    const least = hasFewDomains ? 0 : Math.min(...pods.values());
    if ((pods.get(name) ?? 0) + self - least > constraint.maxSkew) return TOO_UNEVEN;
  }
  return undefined;
}

function crowdOf(node: Node, { constraint, pods }: Domains): number {
  const name = node.metadata.labels?.[constraint.topologyKey];
  const matching = name === undefined ? undefined : pods.get(name);
  // why the logarithm: a constraint with many domains has few pods in each, and must weigh as much (upstream topologyNormalizingWeight)
  return matching === undefined ? Number.POSITIVE_INFINITY : matching * Math.log(pods.size + 2) + (constraint.maxSkew - 1);
}
