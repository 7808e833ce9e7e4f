import type { Node } from '#api/generated/kubernetes.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { refusedNodesOf, requestedBytesOf } from '#api/storage/claim.ts';
import type { Trial } from './filter.ts';
import { countSoftTaints, preferenceOf } from './node-fit.ts';
import { scoreRoom } from './room-fit.ts';
import type { VolumePlan } from './volume-fit.ts';

/** A node on which the pod can run. */
export interface Candidate {
  readonly node: Node;
  readonly volumes: VolumePlan;
}

/** Upstream's weights of its default plugins; each plugin's score is brought to 0..100 over the candidates. */
const WEIGHTS = { taints: 3, nodeAffinity: 2, spread: 2, podAffinity: 2, room: 1, volumes: 1 } as const;
const BEST = 100;

/** The best candidate, or undefined where there is none: one that has refused no volume, where there is one; among equals the one with fewer pods, then the first by name: the same choice each time. Pure. */
export function chooseNode(trial: Trial, candidates: readonly Candidate[]): Candidate | undefined {
  if (candidates.length <= 1) return candidates[0];
  const scores = scoreAll(trial, candidates);
  const podCount = ({ node }: Candidate): number => trial.view.ledger.loadOf(node.metadata.name).pods.size;
  const ranked = candidates.toSorted((a, b) => {
    // why first: no score makes up for a node whose driver can't make the volume, as where a copy's source lies on another
    const byRefusals = refusalsOf(a) - refusalsOf(b);
    if (byRefusals !== 0) return byRefusals;
    const byScore = (scores.get(b) ?? 0) - (scores.get(a) ?? 0);
    if (byScore !== 0) return byScore;
    const byLoad = podCount(a) - podCount(b);
    if (byLoad !== 0) return byLoad;
    return a.node.metadata.name < b.node.metadata.name ? -1 : 1;
  });
  return ranked[0];
}

/** How many of the volumes that are to be made were refused there before. */
function refusalsOf({ node, volumes }: Candidate): number {
  return volumes.assignments.filter(({ claim, volume }) => volume === undefined && refusedNodesOf(claim).includes(node.metadata.name))
    .length;
}

/** Sums of the weighted scores, whole numbers. Pure. */
function scoreAll({ pod, spread, affinity, view }: Trial, candidates: readonly Candidate[]): ReadonlyMap<Candidate, number> {
  const nodes = candidates.map(({ node }) => node);
  const parts: readonly (readonly [number, readonly number[]])[] = [
    [WEIGHTS.taints, fewest(nodes.map((node) => countSoftTaints(pod, node)))],
    [WEIGHTS.nodeAffinity, most(nodes.map((node) => preferenceOf(pod, node)))],
    [WEIGHTS.spread, fewest(nodes.map((node) => spread.crowd(node)))],
    [WEIGHTS.podAffinity, between(nodes.map((node) => affinity.preference(node)))],
    [WEIGHTS.room, nodes.map((node) => scoreRoom(pod, node, view.ledger.loadOf(node.metadata.name)))],
    [WEIGHTS.volumes, candidates.map(({ volumes }) => scoreVolumes(volumes))],
  ];
  return new Map(
    candidates.map((candidate, index) => [
      candidate,
      Math.round(parts.reduce((sum, [weight, list]) => sum + weight * (list[index] ?? 0), 0)),
    ]),
  );
}

/**
 * How well the pod's new volumes fit, 0 to 100: volumes that exist, the tighter the better (VolumeCapacityPriority's shape, so that large ones are kept for
 * large claims); volumes to be made, the more is left the better (StorageCapacityScoring's shape, KEP-4049). Existing ones count where there are any. Pure.
 */
function scoreVolumes({ assignments, shareLeft = 0 }: VolumePlan): number {
  const tightness = assignments.flatMap(({ claim, volume }) => {
    const sizeBytes = volume === undefined ? 0n : capacityBytesOf(volume);
    return sizeBytes === 0n ? [] : [Number(requestedBytesOf(claim)) / Number(sizeBytes)];
  });
  if (tightness.length === 0) return shareLeft * BEST;
  return (tightness.reduce((sum, share) => sum + share, 0) / tightness.length) * BEST;
}

/** The largest is best; all alike where there is none (upstream DefaultNormalizeScore). */
function most(values: readonly number[]): readonly number[] {
  const largest = Math.max(...values);
  return values.map((value) => (largest === 0 ? 0 : (value * BEST) / largest));
}

/** The smallest is best; Infinity is worst. */
function fewest(values: readonly number[]): readonly number[] {
  const known = values.filter(Number.isFinite);
  const [least, largest] = [Math.min(...known), Math.max(...known)];
  return values.map((value) => {
    if (!Number.isFinite(value)) return 0;
    return largest === 0 ? BEST : ((largest + least - value) * BEST) / largest;
  });
}

/** From the smallest, 0, to the largest, 100; they may be negative. */
function between(values: readonly number[]): readonly number[] {
  const [least, largest] = [Math.min(...values), Math.max(...values)];
  return values.map((value) => (largest === least ? 0 : ((value - least) * BEST) / (largest - least)));
}
