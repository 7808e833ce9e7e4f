import type { Deployment, ReplicaSet } from '#api/generated/kubernetes.ts';
import { DESIRED_REPLICAS, type DeploymentSets, MAX_REPLICAS } from './revisions.ts';
import { maxSurgeOf, maxUnavailableOf, replicasOf } from './shares.ts';

/** How many pods a ReplicaSet is to have; the same number only brings its annotations up to date. */
export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** How many pods a new ReplicaSet starts with (deployment_util.go `NewRSNewReplicas`). Pure. */
export function newSetReplicas(deployment: Deployment, sets: DeploymentSets): number {
  const wanted = replicasOf(deployment);
  const has = sizeOf(sets.current);
  if (deployment.spec.strategy?.type !== 'RollingUpdate') return wanted;
  const room = wanted + maxSurgeOf(deployment) - total(sets);
  return room <= 0 ? has : has + Math.min(room, wanted - has);
}

/** True where the number of pods was changed since a ReplicaSet in use was scaled last (sync.go `isScalingEvent`). Pure. */
export function isRescaled(deployment: Deployment, sets: DeploymentSets): boolean {
  return activeSets(sets).some((set) => {
    const desired = annotated(set, DESIRED_REPLICAS);
    return desired !== undefined && desired !== replicasOf(deployment);
  });
}

/** Another number of pods, without a rollout: in proportion where several templates have pods (sync.go `scale`). Pure. */
export function planScale(deployment: Deployment, sets: DeploymentSets): readonly Scaling[] {
  const wanted = replicasOf(deployment);
  const active = activeSets(sets);
  const [only = sets.current ?? sets.old.at(-1)] = active;
  if (active.length <= 1)
    return only === undefined || sizeOf(only) === wanted ? touch(deployment, only) : [{ set: only, replicas: wanted }];
  if (isSaturated(deployment, sets.current)) return sets.old.filter((set) => sizeOf(set) > 0).map((set) => ({ set, replicas: 0 }));
  return deployment.spec.strategy?.type === 'RollingUpdate' ? inProportion(deployment, active) : [];
}

/** The next step of a rolling update (rolling.go): first more of the new, then fewer of the old. Pure. */
export function planRolling(deployment: Deployment, sets: DeploymentSets): readonly Scaling[] {
  const { current } = sets;
  if (current === undefined) return [];
  const wanted = replicasOf(deployment);
  if (sizeOf(current) > wanted) return [{ set: current, replicas: wanted }];
  const grown = newSetReplicas(deployment, sets);
  if (grown !== sizeOf(current)) return [{ set: current, replicas: grown }];
  return planShrink(deployment, sets);
}

/** The first step of a change without overlap: none of the old (recreate.go). Pure. */
export function planEndOfOld({ old }: DeploymentSets): readonly Scaling[] {
  return old.filter((set) => sizeOf(set) > 0).map((set) => ({ set, replicas: 0 }));
}

function planShrink(deployment: Deployment, sets: DeploymentSets): readonly Scaling[] {
  const old = sets.old.filter((set) => sizeOf(set) > 0);
  const minAvailable = replicasOf(deployment) - maxUnavailableOf(deployment);
  const newUnavailable = sizeOf(sets.current) - availableOf(sets.current);
  const maxCleanup = total(sets) - minAvailable - newUnavailable;
  if (old.length === 0 || maxCleanup <= 0) return [];
  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  // those that are not available first: nobody misses them
  shrink(sizes, maxCleanup, (set) => sizeOf(set) - availableOf(set));
  const available = [...old, sets.current].reduce((sum, set) => sum + availableOf(set), 0);
  shrink(sizes, available - minAvailable, (set) => sizes.get(set) ?? 0);
  return [...sizes].filter(([set, replicas]) => replicas !== sizeOf(set)).map(([set, replicas]) => ({ set, replicas }));
}

/** Takes at most `budget` pods off `sizes`, from each set at most what `removable` says, in order. */
function shrink(sizes: Map<ReplicaSet, number>, budget: number, removable: (set: ReplicaSet) => number): void {
  let left = budget;
  for (const [set, size] of sizes) {
    const fewer = Math.max(0, Math.min(size, removable(set), left));
    sizes.set(set, size - fewer);
    left -= fewer;
  }
}

/** Adds or removes pods over several ReplicaSets as their sizes are to each other; what rounding leaves goes to the largest. */
function inProportion(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scaling[] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + maxSurgeOf(deployment) : 0;
  const toAdd = allowed - active.reduce((sum, set) => sum + sizeOf(set), 0);
  const bySize = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || compareCreation(a, b) * (toAdd > 0 ? -1 : 1));
  let added = 0;
  const scaled = bySize.map((set) => {
    const share = toAdd === 0 ? 0 : proportionOf(deployment, set, toAdd - added);
    added += share;
    return { set, replicas: sizeOf(set) + share };
  });
  return scaled.map(({ set, replicas }, index) => ({ set, replicas: Math.max(0, index === 0 ? replicas + toAdd - added : replicas) }));
}

/** Deployment_util.go `GetProportion`. */
function proportionOf(deployment: Deployment, set: ReplicaSet, left: number): number {
  const max = replicasOf(deployment) + maxSurgeOf(deployment);
  const before = annotated(set, MAX_REPLICAS) ?? deployment.status?.replicas ?? 0;
  const share = replicasOf(deployment) === 0 ? -sizeOf(set) : Math.round((sizeOf(set) * max) / Math.max(1, before)) - sizeOf(set);
  return left > 0 ? Math.max(0, Math.min(share, left)) : Math.min(0, Math.max(share, left));
}

function touch(deployment: Deployment, set: ReplicaSet | undefined): readonly Scaling[] {
  const isCurrent = set === undefined || annotated(set, DESIRED_REPLICAS) === replicasOf(deployment);
  return isCurrent ? [] : [{ set, replicas: sizeOf(set) }];
}

function isSaturated(deployment: Deployment, current: ReplicaSet | undefined): boolean {
  if (current === undefined) return false;
  const wanted = replicasOf(deployment);
  return sizeOf(current) === wanted && annotated(current, DESIRED_REPLICAS) === wanted && availableOf(current) === wanted;
}

function activeSets({ current, old }: DeploymentSets): readonly ReplicaSet[] {
  return [...old, ...(current === undefined ? [] : [current])].filter((set) => sizeOf(set) > 0);
}

function total({ current, old }: DeploymentSets): number {
  return [...old, current].reduce((sum, set) => sum + sizeOf(set), 0);
}

function sizeOf(set: ReplicaSet | undefined): number {
  return set === undefined ? 0 : (set.spec.replicas ?? 1);
}

function availableOf(set: ReplicaSet | undefined): number {
  return set?.status?.availableReplicas ?? 0;
}

function annotated({ metadata }: ReplicaSet, name: string): number | undefined {
  const value = Number.parseInt(metadata.annotations?.[name] ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

function compareCreation({ metadata: a }: ReplicaSet, { metadata: b }: ReplicaSet): number {
  return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
}
