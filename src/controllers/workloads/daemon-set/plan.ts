import type { DaemonSet, DaemonSetStatus, Node, Pod } from '#api/generated/kubernetes.ts';
import { isOver, isReady, msUntilAvailable } from '../pod-facts.ts';
import { REVISION_HASH } from '../revision-history.ts';
import { shareOf } from '../share.ts';
import { nodeOf, placeOf } from './daemon-pod.ts';

/** What a plan is made from. */
export interface DaemonView {
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly isGoing: (pod: Pod) => boolean;
  /** The hash of the template as it is now. */
  readonly hash: string;
  readonly nowMs: number;
}

/** Nodes that lack a daemon, and daemons that have to go. */
export interface DaemonPlan {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Until a daemon that failed may be replaced. */
  readonly retryMs?: number;
}

/** How long a failed daemon stays, so that one that fails at once is not replaced without rest, in milliseconds. */
const FAILED_STAY_MS = 10_000;

/** One daemon on each node where one belongs (daemon_controller.go `podsShouldBeOnNode`, update.go `rollingUpdate`). Pure. */
export function planDaemons(set: DaemonSet, view: DaemonView): DaemonPlan {
  const places = placesOf(set, view);
  const create: string[] = [];
  const remove: Pod[] = [];
  let retryMs: number | undefined;
  for (const { node, place, pods } of places) {
    const failed = pods.filter((pod) => isOver(pod) && !view.isGoing(pod));
    const waits = failed.map((pod) => Date.parse(pod.metadata.creationTimestamp) + FAILED_STAY_MS - view.nowMs);
    remove.push(...failed.filter((_pod, index) => (waits[index] ?? 0) <= 0));
    const waiting = waits.filter((wait) => wait > 0);
    if (waiting.length > 0) retryMs = Math.min(retryMs ?? FAILED_STAY_MS, ...waiting);
    const alive = pods.filter((pod) => !isOver(pod) && !view.isGoing(pod));
    if (place === 'unwanted') remove.push(...alive);
    else remove.push(...alive.slice(1));
    if (place === 'wanted' && pods.length === 0 && node !== undefined) create.push(node);
  }
  const outdated = remove.length + create.length > 0 ? [] : planUpdate(set, view, places);
  return { create, remove: [...remove, ...outdated], ...(retryMs === undefined ? {} : { retryMs }) };
}

interface Place {
  /** Undefined for daemons that no node has. */
  readonly node: string | undefined;
  readonly place: ReturnType<typeof placeOf>;
  /** The oldest first. */
  readonly pods: readonly Pod[];
}

function placesOf(set: DaemonSet, { nodes, pods }: DaemonView): readonly Place[] {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods.toSorted((a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp))) {
    const name = nodeOf(pod) ?? '';
    const others = byNode.get(name);
    if (others === undefined) byNode.set(name, [pod]);
    else others.push(pod);
  }
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  const stranded = [...byNode].filter(([name]) => !known.has(name)).flatMap(([, lost]) => lost);
  return [
    ...nodes.map((node) => ({ node: node.metadata.name, place: placeOf(set, node), pods: byNode.get(node.metadata.name) ?? [] })),
    { node: undefined, place: 'unwanted', pods: stranded },
  ];
}

/** The daemons of an older template that may go now: those that do not work first, then as many as may be missing. */
function planUpdate(set: DaemonSet, view: DaemonView, places: readonly Place[]): readonly Pod[] {
  const { updateStrategy } = set.spec;
  if (updateStrategy?.type !== 'RollingUpdate') return [];
  const wanted = places.filter(({ place }) => place === 'wanted');
  const limit = Math.max(1, shareOf(updateStrategy.rollingUpdate?.maxUnavailable ?? 1, wanted.length, 'up'));
  let unavailable = 0;
  const broken: Pod[] = [];
  const working: Pod[] = [];
  for (const { pods } of wanted) {
    const [pod] = pods.filter((candidate) => !view.isGoing(candidate));
    const isWell = pod !== undefined && isAvailable(set, pod, view.nowMs);
    if (!isWell) unavailable += 1;
    if (pod !== undefined && hashOfPod(pod) !== view.hash) (isWell ? working : broken).push(pod);
  }
  return [...broken, ...working.slice(0, Math.max(0, limit - unavailable))];
}

/** The status of `set`, and when it changes next by itself (daemon_controller.go `updateDaemonSetStatus`). Pure. */
export function daemonStatus(
  set: DaemonSet,
  view: DaemonView & { readonly collisionCount: number | undefined },
): { readonly status: DaemonSetStatus; readonly nextMs?: number } {
  const places = placesOf(set, view);
  const wanted = places.filter(({ place }) => place === 'wanted');
  const first = wanted.map(({ pods }) => pods[0]).filter((pod) => pod !== undefined);
  const waits = first.map((pod) => msUntilAvailable(pod, set.spec.minReadySeconds ?? 0, view.nowMs)).filter((wait) => wait !== undefined);
  const numberAvailable = waits.filter((wait) => wait === 0).length;
  const pending = waits.filter((wait) => wait > 0);
  const status: DaemonSetStatus = {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: first.length,
    numberMisscheduled: places.filter(({ place, pods }) => place !== 'wanted' && pods.length > 0).length,
    numberReady: first.filter(isReady).length,
    numberAvailable,
    numberUnavailable: wanted.length - numberAvailable,
    updatedNumberScheduled: first.filter((pod) => hashOfPod(pod) === view.hash).length,
    observedGeneration: set.metadata.generation,
    ...(view.collisionCount === undefined ? {} : { collisionCount: view.collisionCount }),
  };
  return { status, ...(pending.length === 0 ? {} : { nextMs: Math.min(...pending) }) };
}

function isAvailable({ spec }: DaemonSet, pod: Pod, nowMs: number): boolean {
  return msUntilAvailable(pod, spec.minReadySeconds ?? 0, nowMs) === 0;
}

/** The hash of the template that `pod` was made from. */
export function hashOfPod({ metadata }: Pod): string | undefined {
  return metadata.labels?.[REVISION_HASH];
}
