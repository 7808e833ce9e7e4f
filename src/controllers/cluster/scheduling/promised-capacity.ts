import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { classOfClaim, requestedBytesOf, selectedNodeOf, volumeNameOf } from '#api/storage/claim.ts';

/**
 * Sums of what claims ask for whose node was chosen and that have no volume yet, by class and node, kept up to date change by change:
 * what drivers publish does not show them, and pods that are placed one after another would all see the same room.
 */
export class PromisedCapacity {
  readonly #claims = new Map<string, Commitment>();
  readonly #sums = new Map<string, Map<string, bigint>>();

  /** What the API says of `claim`. */
  put(claim: PersistentVolumeClaim): void {
    this.remove(claim.metadata.uid);
    const nodeName = promisedNodeOf(claim);
    if (nodeName === undefined) return;
    const commitment = { className: classOfClaim(claim), nodeName, sizeBytes: requestedBytesOf(claim) };
    this.#claims.set(claim.metadata.uid, commitment);
    this.#add(commitment, commitment.sizeBytes);
  }

  /** The claim is gone. */
  remove(uid: string): void {
    const commitment = this.#claims.get(uid);
    if (commitment === undefined) return;
    this.#claims.delete(uid);
    this.#add(commitment, -commitment.sizeBytes);
  }

  /** Bytes promised of `className` on the nodes that count. */
  sum(className: string, isCounted: (nodeName: string) => boolean): bigint {
    let total = 0n;
    for (const [nodeName, sizeBytes] of this.#sums.get(className) ?? []) if (isCounted(nodeName)) total += sizeBytes;
    return total;
  }

  #add({ className, nodeName }: Commitment, sizeBytes: bigint): void {
    const nodes = this.#sums.get(className) ?? new Map<string, bigint>();
    const sum = (nodes.get(nodeName) ?? 0n) + sizeBytes;
    if (sum === 0n) nodes.delete(nodeName);
    else nodes.set(nodeName, sum);
    if (nodes.size === 0) this.#sums.delete(className);
    else this.#sums.set(className, nodes);
  }
}

/** The node on which room is promised to `claim`; undefined where none is. Pure. */
export function promisedNodeOf(claim: PersistentVolumeClaim): string | undefined {
  const nodeName = selectedNodeOf(claim);
  return nodeName === '' || volumeNameOf(claim) !== '' || claim.metadata.deletionTimestamp !== undefined ? undefined : nodeName;
}

interface Commitment {
  readonly className: string;
  readonly nodeName: string;
  readonly sizeBytes: bigint;
}
