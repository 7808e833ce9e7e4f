import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass, TopologySelectorTerm } from '#api/generated/kubernetes.ts';
import { classOfClaim, requestedBytesOf, selectedNodeOf, volumeNameOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { PodClaims } from './pod-claims.ts';
import { type CapacityLookup, StorageRoom } from './storage-capacity.ts';

/** What a delayed claim gets on the chosen node: a volume that exists, or one that is made there. */
export interface Assignment {
  readonly claim: PersistentVolumeClaim;
  /** Absent = provision. */
  readonly volume?: PersistentVolume;
}

/** What all delayed claims of a pod get on a node, and which share of the room for new volumes that leaves there (undefined where nobody says). */
export interface VolumePlan {
  readonly assignments: readonly Assignment[];
  readonly shareLeft?: number;
}

/** What is looked up. */
export interface VolumeLookup extends CapacityLookup {
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly storageClass: (name: string) => StorageClass | undefined;
  /** The best free volumes for a claim on a node, best first, at most `limit`. */
  readonly matches: (claim: PersistentVolumeClaim, node: Node, limit: number) => readonly PersistentVolume[];
}

/** Why not this node: upstream's reason (volumebinding Filter, binder.go), and what would have to change. */
export interface VolumeProblem {
  readonly reason: string;
  readonly lack: 'volume' | 'capacity';
}

const NOTHING_TO_BIND: VolumeProblem = { reason: "node(s) didn't find available persistent volumes to bind", lack: 'volume' };
const NO_CAPACITY: VolumeProblem = { reason: 'node(s) did not have enough free storage', lack: 'capacity' };
const NO_VOLUME: VolumeProblem = { reason: 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)', lack: 'volume' };
const ELSEWHERE: VolumeProblem = { reason: 'node(s) had volume node affinity conflict', lack: 'volume' };

/** Combinations that are tried at most for one pod on one node; five claims with every choice stay below it. */
const MAX_STEPS = 10_000;

/**
 * What each delayed claim would get on `node`, all of them together or none. Smallest claim first, each the smallest volume that is left: upstream's choice wherever
 * that serves all; where it would leave a claim without, the first combination in that order that serves all. Pure.
 */
export function assignVolumes(claims: PodClaims, node: Node, look: VolumeLookup): Result<VolumePlan, VolumeProblem> {
  for (const claim of claims.bound) {
    const volume = look.volume(volumeNameOf(claim));
    if (volume === undefined) return fail(NO_VOLUME);
    if (!isVolumeUsableOn(volume, node)) return fail(ELSEWHERE);
  }
  const room = new StorageRoom(node, look);
  const wishes: Wish[] = [];
  // why smallest first: so that a small claim does not take the only volume that is large enough for another
  for (const claim of claims.delayed.toSorted(bySize)) {
    const wish = wishOf(claim, { node, look, limit: claims.delayed.length });
    if (wish === undefined) return fail(NOTHING_TO_BIND);
    wishes.push(wish);
  }
  const search = new Search(wishes, room);
  if (!search.run(0)) return fail(search.lack);
  const assignments = search.chosen();
  const shareLeft = room.shareLeft(assignments.filter(({ volume }) => volume === undefined).map(({ claim }) => claim));
  return ok({ assignments, ...(shareLeft === undefined ? {} : { shareLeft }) });
}

/** What a claim could get on a node. */
interface Wish {
  readonly claim: PersistentVolumeClaim;
  readonly volumes: readonly PersistentVolume[];
  /** The class that makes a volume there; undefined where none can. */
  readonly maker: StorageClass | undefined;
  /** True where the volume is being made there already: its room is spoken for. */
  readonly isUnderWay: boolean;
}

/** Undefined where the node has nothing for the claim. */
function wishOf(
  claim: PersistentVolumeClaim,
  on: { readonly node: Node; readonly look: VolumeLookup; readonly limit: number },
): Wish | undefined {
  const { node, look, limit } = on;
  const selected = selectedNodeOf(claim);
  if (selected !== '' && selected !== node.metadata.name) return undefined;
  const isUnderWay = selected !== '';
  // why no more than there are claims: each of the others takes at most one of them
  const volumes = isUnderWay ? [] : look.matches(claim, node, limit);
  const storageClass = look.storageClass(classOfClaim(claim));
  const maker = storageClass !== undefined && isProvisionableOn(storageClass, node) ? storageClass : undefined;
  return volumes.length === 0 && maker === undefined ? undefined : { claim, volumes, maker, isUnderWay };
}

/** Depth first through the claims' choices, the better ones first; each volume once, each byte of room once. */
class Search {
  lack = NOTHING_TO_BIND;
  readonly #wishes: readonly Wish[];
  readonly #room: StorageRoom;
  readonly #taken = new Map<string, PersistentVolume>();
  readonly #choice: (PersistentVolume | undefined)[] = [];
  #steps = 0;

  constructor(wishes: readonly Wish[], room: StorageRoom) {
    this.#wishes = wishes;
    this.#room = room;
  }

  chosen(): readonly Assignment[] {
    return this.#wishes.map(({ claim }, index) => {
      const volume = this.#choice[index];
      return volume === undefined ? { claim } : { claim, volume };
    });
  }

  /** True where the claims from `index` on can all be served. */
  run(index: number): boolean {
    const wish = this.#wishes[index];
    if (wish === undefined) return true;
    for (const volume of wish.volumes) {
      if (this.#taken.has(volume.metadata.name)) continue;
      if ((this.#steps += 1) > MAX_STEPS) return false;
      this.#taken.set(volume.metadata.name, volume);
      this.#choice[index] = volume;
      if (this.run(index + 1)) return true;
      this.#taken.delete(volume.metadata.name);
    }
    return wish.maker !== undefined && this.#make(index, wish.claim, wish.isUnderWay ? undefined : wish.maker);
  }

  #make(index: number, claim: PersistentVolumeClaim, maker: StorageClass | undefined): boolean {
    const giveBack = maker === undefined ? () => {} : this.#room.take(claim, maker);
    if (giveBack === undefined) {
      this.lack = NO_CAPACITY;
      return false;
    }
    this.#choice[index] = undefined;
    if (this.run(index + 1)) return true;
    giveBack();
    return false;
  }
}

function bySize(a: PersistentVolumeClaim, b: PersistentVolumeClaim): number {
  const difference = requestedBytesOf(a) - requestedBytesOf(b);
  return difference < 0n ? -1 : Number(difference > 0n);
}

function isProvisionableOn(storageClass: StorageClass, node: Node): boolean {
  if (driverOfProvisioner(storageClass.provisioner) === undefined) return false;
  const { allowedTopologies = [] } = storageClass;
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => isInTopology(term, node));
}

function isInTopology({ matchLabelExpressions = [] }: TopologySelectorTerm, node: Node): boolean {
  return matchLabelExpressions.every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? ''));
}
