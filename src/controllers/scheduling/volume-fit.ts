import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass, TopologySelectorTerm } from '#api/generated/kubernetes.ts';
import { classOfClaim, requestedBytesOf, selectedNodeOf, volumeNameOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { PodClaims } from './pod-claims.ts';

/** What a delayed claim gets on the chosen node: a volume that exists, or one that is made there. */
export interface Assignment {
  readonly claim: PersistentVolumeClaim;
  /** Absent = provision. */
  readonly volume?: PersistentVolume;
}

/** What is looked up. */
export interface VolumeLookup {
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly storageClass: (name: string) => StorageClass | undefined;
  /** The best free volume for a claim on a node, without those in `excluded`. */
  readonly match: (claim: PersistentVolumeClaim, node: Node, excluded: ReadonlySet<string>) => PersistentVolume | undefined;
}

const NOTHING_TO_BIND = "node(s) didn't find available persistent volumes to bind";

/** What each delayed claim would get on `node`; the error is upstream's reason why it can't be this node (volumebinding Filter, binder.go). Pure. */
export function assignVolumes(claims: PodClaims, node: Node, look: VolumeLookup): Result<readonly Assignment[]> {
  for (const claim of claims.bound) {
    const volume = look.volume(volumeNameOf(claim));
    if (volume === undefined) return fail('node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)');
    if (!isVolumeUsableOn(volume, node)) return fail('node(s) had volume node affinity conflict');
  }
  const excluded = new Set<string>();
  const assignments: Assignment[] = [];
  // why smallest first: so that a small claim does not take the only volume that is large enough for another
  for (const claim of claims.delayed.toSorted(bySize)) {
    const selected = selectedNodeOf(claim);
    if (selected !== '' && selected !== node.metadata.name) return fail(NOTHING_TO_BIND);
    // why: for a claim with a chosen node a volume is already being made
    const volume = selected === '' ? look.match(claim, node, excluded) : undefined;
    if (volume !== undefined) {
      excluded.add(volume.metadata.name);
      assignments.push({ claim, volume });
    } else if (isProvisionableOn(look.storageClass(classOfClaim(claim)), node)) assignments.push({ claim });
    else return fail(NOTHING_TO_BIND);
  }
  return ok(assignments);
}

function bySize(a: PersistentVolumeClaim, b: PersistentVolumeClaim): number {
  const difference = requestedBytesOf(a) - requestedBytesOf(b);
  return difference < 0n ? -1 : Number(difference > 0n);
}

function isProvisionableOn(storageClass: StorageClass | undefined, node: Node): boolean {
  if (storageClass === undefined || driverOfProvisioner(storageClass.provisioner) === undefined) return false;
  const { allowedTopologies = [] } = storageClass;
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => isInTopology(term, node));
}

function isInTopology({ matchLabelExpressions = [] }: TopologySelectorTerm, node: Node): boolean {
  return matchLabelExpressions.every(({ key, values }) => values.includes(node.metadata.labels?.[key] ?? ''));
}
