import type { CSIDriver, CSIStorageCapacity, Node, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { classOfClaim, requestedBytesOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { bytesOf } from '#kit/quantity.ts';

/** What is looked up. */
export interface CapacityLookup {
  readonly csiDriver: (name: string) => CSIDriver | undefined;
  /** What drivers say that they have left for volumes of a class. */
  readonly capacities: (className: string) => readonly CSIStorageCapacity[];
  /** Bytes asked for by claims of the class whose node was chosen and that have no volume yet: no capacity object shows them. */
  readonly promisedBytes: (className: string, isCounted: (nodeName: string) => boolean) => bigint;
  readonly node: (name: string) => Node | undefined;
}

/** Room for new volumes on one node, by what the drivers publish; spent claim by claim, so that all claims of a pod are counted together (KEP-5925). */
export class StorageRoom {
  readonly #node: Node;
  readonly #look: CapacityLookup;
  readonly #spaces = new Map<string, readonly Space[] | undefined>();

  constructor(node: Node, look: CapacityLookup) {
    this.#node = node;
    this.#look = look;
  }

  /** Takes the room for a volume of `claim`; answers how to give it back, or undefined where there is not enough. */
  take(claim: PersistentVolumeClaim, storageClass: StorageClass): (() => void) | undefined {
    const spaces = this.#spacesOf(storageClass);
    if (spaces === undefined) return () => {};
    const sizeBytes = requestedBytesOf(claim);
    const space = spaces.find(({ largestBytes, freeBytes }) => sizeBytes <= largestBytes && sizeBytes <= freeBytes);
    if (space === undefined) return undefined;
    space.freeBytes -= sizeBytes;
    return () => {
      space.freeBytes += sizeBytes;
    };
  }

  /** Which share of the room is left once these claims have theirs: 0 to 1, the mean over classes; undefined where nothing is published (KEP-4049). */
  shareLeft(claims: readonly PersistentVolumeClaim[]): number | undefined {
    const shares: number[] = [];
    const asked = new Map<string, bigint>();
    for (const claim of claims) asked.set(classOfClaim(claim), (asked.get(classOfClaim(claim)) ?? 0n) + requestedBytesOf(claim));
    for (const [className, sizeBytes] of asked) {
      const freeBytes = (this.#spaces.get(className) ?? []).reduce((sum, space) => sum + space.totalBytes, 0n);
      if (freeBytes > 0n) shares.push(Math.max(0, 1 - Number(sizeBytes) / Number(freeBytes)));
    }
    return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
  }

  /** Undefined where the driver says nothing of capacity: then it has to be asked by trying. */
  #spacesOf(storageClass: StorageClass): readonly Space[] | undefined {
    const { name } = storageClass.metadata;
    if (this.#spaces.has(name)) return this.#spaces.get(name);
    const isPublished = this.#look.csiDriver(driverOfProvisioner(storageClass.provisioner) ?? '')?.spec.storageCapacity === true;
    const here = this.#look.capacities(name).filter(({ nodeTopology }) => isInSegment(nodeTopology, this.#node));
    const spaces = isPublished ? here.map((capacity) => this.#spaceOf(capacity)) : undefined;
    this.#spaces.set(name, spaces);
    return spaces;
  }

  #spaceOf({ capacity, maximumVolumeSize, nodeTopology, storageClassName }: CSIStorageCapacity): Space {
    const totalBytes = capacity === undefined ? undefined : bytesOf(capacity);
    const largestBytes = maximumVolumeSize === undefined ? totalBytes : bytesOf(maximumVolumeSize);
    const promisedBytes = this.#look.promisedBytes(storageClassName, (nodeName) => {
      const node = this.#look.node(nodeName);
      return node !== undefined && isInSegment(nodeTopology, node);
    });
    // why the largest as a total where that is all that is said: it bounds one volume, and of more nothing is known
    const knownBytes = (totalBytes ?? largestBytes ?? 0n) - promisedBytes;
    return { largestBytes: largestBytes ?? 0n, totalBytes: knownBytes, freeBytes: knownBytes };
  }
}

interface Space {
  readonly largestBytes: bigint;
  readonly totalBytes: bigint;
  freeBytes: bigint;
}

function isInSegment(nodeTopology: CSIStorageCapacity['nodeTopology'], node: Node): boolean {
  return nodeTopology !== undefined && matchesLabelSelector(nodeTopology, node.metadata.labels);
}
