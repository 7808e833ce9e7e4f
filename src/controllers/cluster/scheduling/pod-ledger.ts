import type { Pod } from '#api/generated/kubernetes.ts';
import { isOver, loadOf } from './pod-load.ts';

/** A pod and the node that it has, or is about to have. */
export interface PlacedPod {
  readonly pod: Pod;
  readonly nodeName: string;
}

/** What the pods of one node take of it. */
export interface NodeLoad {
  readonly pods: ReadonlyMap<string, Pod>;
  /** Sums of requests by resource, in billionths of its unit. */
  readonly requested: ReadonlyMap<string, bigint>;
}

/**
 * Which pods have which node, with what they take, kept up to date change by change. A placement that was just decided counts at once
 * (upstream's assumed pods), so that several pods placed at a time don't take the same room. Pods that are over take nothing.
 */
export class PodLedger {
  readonly #nodes = new Map<string, MutableLoad>();
  readonly #placed = new Map<string, PlacedPod>();
  readonly #assumed = new Set<string>();
  readonly #namespaces = new Map<string, Map<string, PlacedPod>>();
  readonly #choosy = new Map<string, PlacedPod>();

  /** What the API says of `pod`. */
  put(pod: Pod): void {
    const { uid } = pod.metadata;
    const nodeName = pod.spec.nodeName ?? '';
    // why: an update of a pod whose placement is on its way says nothing against the placement
    if (nodeName === '' && this.#assumed.has(uid) && !isOver(pod)) return;
    this.remove(uid);
    if (nodeName !== '' && !isOver(pod)) this.#place({ pod, nodeName });
  }

  /** The pod is gone. */
  remove(uid: string): void {
    this.#assumed.delete(uid);
    const placed = this.#placed.get(uid);
    if (placed === undefined) return;
    this.#placed.delete(uid);
    this.#choosy.delete(uid);
    const namespace = placed.pod.metadata.namespace ?? '';
    const members = this.#namespaces.get(namespace);
    members?.delete(uid);
    if (members?.size === 0) this.#namespaces.delete(namespace);
    const load = this.#nodes.get(placed.nodeName);
    load?.pods.delete(uid);
    if (load?.pods.size === 0) this.#nodes.delete(placed.nodeName);
    else if (load !== undefined) addRequests(load, placed.pod, -1n);
  }

  /** Counts `pod` as being on the node until `put` or `remove` says otherwise, or it is withdrawn. */
  assume(pod: Pod, nodeName: string): void {
    this.remove(pod.metadata.uid);
    this.#place({ pod, nodeName });
    this.#assumed.add(pod.metadata.uid);
  }

  /** Takes back what was assumed; what the API has said stays. */
  withdraw(uid: string): void {
    if (this.#assumed.has(uid)) this.remove(uid);
  }

  /** The node of a pod; undefined where it has none, or is over. */
  nodeOf(uid: string): string | undefined {
    return this.#placed.get(uid)?.nodeName;
  }

  /** What is on a node. */
  loadOf(nodeName: string): NodeLoad {
    return this.#nodes.get(nodeName) ?? EMPTY;
  }

  /** Placed pods of a namespace. */
  inNamespace(namespace: string): Iterable<PlacedPod> {
    return this.#namespaces.get(namespace)?.values() ?? [];
  }

  /** Placed pods of every namespace. */
  all(): Iterable<PlacedPod> {
    return this.#placed.values();
  }

  /** Placed pods that have a say in who may be near them. */
  choosy(): Iterable<PlacedPod> {
    return this.#choosy.values();
  }

  #place(placed: PlacedPod): void {
    const { pod, nodeName } = placed;
    const { uid, namespace = '' } = pod.metadata;
    this.#placed.set(uid, placed);
    if (pod.spec.affinity?.podAffinity !== undefined || pod.spec.affinity?.podAntiAffinity !== undefined) this.#choosy.set(uid, placed);
    const members = this.#namespaces.get(namespace) ?? new Map<string, PlacedPod>();
    this.#namespaces.set(namespace, members.set(uid, placed));
    const load = this.#nodes.get(nodeName) ?? { pods: new Map<string, Pod>(), requested: new Map<string, bigint>() };
    this.#nodes.set(nodeName, load);
    load.pods.set(uid, pod);
    addRequests(load, pod, 1n);
  }
}

/** What is on a node, while it is counted. */
export interface MutableLoad {
  readonly pods: Map<string, Pod>;
  readonly requested: Map<string, bigint>;
}

const EMPTY: NodeLoad = { pods: new Map(), requested: new Map() };

/** Counts what `pod` asks for, or no longer does. */
export function addRequests({ requested }: MutableLoad, pod: Pod, sign: 1n | -1n): void {
  for (const [name, amount] of loadOf(pod).requests) requested.set(name, (requested.get(name) ?? 0n) + sign * amount);
}
