import type { Node } from '#api/generated/kubernetes.ts';
import { deepEqual } from '#kit/json.ts';
import type { Lack } from './filter.ts';
import { doorOf } from './node-fit.ts';

/**
 * Pods that no node would take, by what was lacking, so that a change wakes only those that it may help (upstream's queueing hints).
 * A hint and no more: what is forgotten here is looked at again after a while, and everything is after a start. Memory is bounded by the pods that wait.
 */
export class BlockedPods {
  readonly #lacks = new Map<string, ReadonlySet<Lack>>();
  readonly #keys = new Map<Lack, Set<string>>();
  #wake: (key: string) => void = () => {};

  /** Where keys of pods to look at go; answers a disposer. */
  onWake(wake: (key: string) => void): () => void {
    this.#wake = wake;
    return () => {
      this.#wake = () => {};
    };
  }

  /** Wakes the pods that lacked one of these. */
  wake(...lacks: readonly Lack[]): void {
    this.lacking(...lacks).forEach((key) => this.#wake(key));
  }

  /** Notes what the pod lacked; nothing = it is not blocked. */
  note(key: string, lacks: ReadonlySet<Lack>): void {
    for (const lack of this.#lacks.get(key) ?? []) this.#keys.get(lack)?.delete(key);
    if (lacks.size === 0) this.#lacks.delete(key);
    else this.#lacks.set(key, lacks);
    for (const lack of lacks) {
      const keys = this.#keys.get(lack) ?? new Set<string>();
      this.#keys.set(lack, keys.add(key));
    }
  }

  /** Keys of the pods that lacked one of these. */
  lacking(...lacks: readonly Lack[]): readonly string[] {
    return [...new Set(lacks.flatMap((lack) => [...(this.#keys.get(lack) ?? [])]))];
  }
}

/** Everything that a pod leaves behind that ends, or does not get the node that it was to have. */
export const LEFT_BY_POD: readonly Lack[] = ['resources', 'ports', 'exclusive', 'limits', 'affinity', 'spread'];

/** Everything that a node that is new may bring. */
const ALL: readonly Lack[] = ['node', 'ports', 'resources', 'exclusive', 'limits', 'volume', 'capacity', 'spread', 'affinity'];

/** What the change of a node may help against: labels, taints and readiness, or the amounts that it has. Pure. */
export function helpOfNode(node: Node, previous: Node | undefined): readonly Lack[] {
  if (previous === undefined) return ALL;
  const helps: Lack[] = [];
  const isMoved = !deepEqual(node.metadata.labels, previous.metadata.labels);
  if (isMoved) helps.push('volume', 'capacity', 'affinity');
  if (isMoved || !deepEqual(doorOf(node), doorOf(previous))) helps.push('node', 'spread');
  if (!deepEqual(node.status?.allocatable, previous.status?.allocatable)) helps.push('resources');
  return helps;
}
