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
    else remove.push(...superfluous(set, alive, view));
    if (place === 'wanted' && pods.length === 0 && node !== undefined) create.push(node);
  }
  const isBusy = remove.length + create.length > 0;
  const outdated = isBusy || surgeOf(set, places) > 0 ? [] : planUpdate(set, view, places);
  const surging = isBusy ? [] : planSurge(set, view, places);
  return {
    create: [...create, ...surging],
    remove: [...remove, ...outdated],
    ...(retryMs === undefined ? {} : { retryMs }),
  };
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

/** How many nodes may have a daemon of the old and one of the new template at the same time; 0 where the old one goes first. */
function surgeOf({ spec: { updateStrategy } }: DaemonSet, places: readonly Place[]): number {
  const { maxSurge = 0 } = updateStrategy?.rollingUpdate ?? {};
  if (updateStrategy?.type !== 'RollingUpdate' || maxSurge === 0 || maxSurge === '0%') return 0;
  const wanted = places.filter(({ place }) => place === 'wanted').length;
  return Math.max(1, shareOf(maxSurge, wanted, 'up'));
}

/** Of the daemons that one node has, those beside the one that stays; with a surge, the old one stays until the new one works (daemon_controller.go `podsShouldBeOnNode`). */
function superfluous(set: DaemonSet, alive: readonly Pod[], view: DaemonView): readonly Pod[] {
  const { maxSurge = 0 } = set.spec.updateStrategy?.rollingUpdate ?? {};
  const fresh = alive.find((pod) => hashOfPod(pod) === view.hash);
  const old = alive.find((pod) => hashOfPod(pod) !== view.hash);
  if (maxSurge === 0 || maxSurge === '0%' || fresh === undefined || old === undefined) return alive.slice(1);
  const hasTakenOver = isAvailable(set, fresh, view.nowMs) || !isAvailable(set, old, view.nowMs);
  return alive.filter((pod) => pod !== fresh && (pod !== old || hasTakenOver));
}

/** The nodes that get a daemon of the new template beside the old one: those whose old one does not work, then as many as may (update.go `rollingUpdate`). */
function planSurge(set: DaemonSet, view: DaemonView, places: readonly Place[]): readonly string[] {
  const limit = surgeOf(set, places);
  if (limit === 0) return [];
  let surging = 0;
  const broken: string[] = [];
  const working: string[] = [];
  for (const { node, place, pods } of places) {
    if (place !== 'wanted' || node === undefined) continue;
    const [old, ...others] = pods;
    if (others.length > 0) surging += 1;
    else if (old !== undefined && !view.isGoing(old) && hashOfPod(old) !== view.hash)
      (isAvailable(set, old, view.nowMs) ? working : broken).push(node);
  }
  return [...broken, ...working.slice(0, Math.max(0, limit - surging))];
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
