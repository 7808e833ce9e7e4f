import type { Pod } from '#api/generated/kubernetes.ts';
import type { PlacedPod } from './pod-ledger.ts';
import { isOver, priorityOf } from './pod-load.ts';

/** Pods for which others had to leave a node (`status.nominatedNodeName`): that room is theirs before it is that of pods of lower priority. */
export class Nominations {
  readonly #pods = new Map<string, PlacedPod>();

  /** What the API says of `pod`. */
  put(pod: Pod): void {
    const nodeName = pod.status?.nominatedNodeName ?? '';
    const isWaiting = (pod.spec.nodeName ?? '') === '' && pod.metadata.deletionTimestamp === undefined && !isOver(pod);
    if (nodeName !== '' && isWaiting) this.#pods.set(pod.metadata.uid, { pod, nodeName });
    else this.remove(pod.metadata.uid);
  }

  /** The pod is gone. */
  remove(uid: string): void {
    this.#pods.delete(uid);
  }

  /** The nominated ones that go before `pod`: of its priority or a higher one. */
  before(pod: Pod): readonly PlacedPod[] {
    if (this.#pods.size === 0) return [];
    return [...this.#pods.values()].filter(
      (placed) => placed.pod.metadata.uid !== pod.metadata.uid && priorityOf(placed.pod) >= priorityOf(pod),
    );
  }
}
