import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '#api/generated/kubernetes.ts';
import { findCondition, isConditionTrue, withCondition, withoutCondition } from '#api/conditions.ts';
import { formatTime } from '#kit/clock.ts';
import type { DeploymentSets } from './revisions.ts';
import { maxUnavailableOf, replicasOf } from './shares.ts';

/** What a status is made from. */
export interface DeploymentView {
  readonly sets: DeploymentSets;
  readonly nowMs: number;
  /** The ReplicaSet was made in this reconcile. */
  readonly isNewSetCreated: boolean;
  readonly collisionCount: number | undefined;
}

/** The status of `deployment`, and when it changes next by itself (progress.go `syncRolloutStatus`). Pure. */
export function deploymentStatus(
  deployment: Deployment,
  view: DeploymentView,
): { readonly status: DeploymentStatus; readonly nextMs?: number } {
  const counts = countsOf(deployment, view);
  const now = formatTime(view.nowMs);
  const wanted = replicasOf(deployment);
  const isAvailable = (counts.availableReplicas ?? 0) >= wanted - maxUnavailableOf(deployment);
  const available = isAvailable
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : { status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' };
  let conditions = replaced(deployment.status?.conditions ?? [], { type: 'Available', ...available }, now);
  conditions = withReplicaFailure(conditions, view.sets, now);
  const progress = progressOf(deployment, counts, view);
  if (progress !== undefined) conditions = replaced(conditions, { type: 'Progressing', ...progress }, now);
  if (deployment.spec.progressDeadlineSeconds === undefined) conditions = withoutCondition(conditions, 'Progressing');
  const nextMs = msUntilDeadline(deployment, { ...counts, conditions }, view.nowMs);
  return { status: { ...counts, conditions }, ...(nextMs === undefined ? {} : { nextMs }) };
}

/** True where every pod is of the template as it is now, and available (deployment_util.go `DeploymentComplete`). */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const wanted = replicasOf(deployment);
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0 } = status ?? {};
  const isAll = replicas === wanted && updatedReplicas === wanted && availableReplicas === wanted;
  return isAll && observedGeneration >= (deployment.metadata.generation ?? 0);
}

function countsOf(deployment: Deployment, { sets, collisionCount }: DeploymentView): DeploymentStatus {
  const all = [...sets.old, ...(sets.current === undefined ? [] : [sets.current])];
  const sum = (count: (set: ReplicaSet) => number | undefined): number => all.reduce((total, set) => total + (count(set) ?? 0), 0);
  const availableReplicas = sum(({ status }) => status?.availableReplicas);
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: sets.current?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, sum(({ spec }) => spec.replicas) - availableReplicas),
    terminatingReplicas: sum(({ status }) => status?.terminatingReplicas),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

type Progress = Pick<DeploymentCondition, 'status' | 'reason' | 'message'> & { readonly isRenewed?: boolean };

function progressOf(deployment: Deployment, next: DeploymentStatus, view: DeploymentView): Progress | undefined {
  const before = findCondition(deployment.status?.conditions, 'Progressing');
  if (deployment.spec.progressDeadlineSeconds === undefined) return undefined;
  const isHeld = before?.reason === 'DeploymentPaused';
  if (deployment.spec.paused === true) {
    if (isHeld || before?.reason === 'ProgressDeadlineExceeded') return undefined;
    return { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  }
  const { current } = view.sets;
  if (view.isNewSetCreated)
    return { status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set ${quoted(deployment, current)}` };
  if (isHeld) return { status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' };
  return rolloutProgress(deployment, next, view);
}

function rolloutProgress(deployment: Deployment, next: DeploymentStatus, { sets, nowMs }: DeploymentView): Progress | undefined {
  const before = findCondition(deployment.status?.conditions, 'Progressing');
  const name = `ReplicaSet ${quoted(deployment, sets.current)}`;
  if (next.replicas === next.updatedReplicas && before?.reason === 'NewReplicaSetAvailable') return undefined;
  if (isComplete(deployment, next))
    return { status: 'True', reason: 'NewReplicaSetAvailable', message: `${name} has successfully progressed.` };
  if (hasProgressed(deployment.status ?? {}, next))
    return { status: 'True', reason: 'ReplicaSetUpdated', message: `${name} is progressing.`, isRenewed: true };
  if (before === undefined && sets.current !== undefined)
    return { status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set ${quoted(deployment, sets.current)}` };
  return isStuck(deployment, next, nowMs)
    ? { status: 'False', reason: 'ProgressDeadlineExceeded', message: `${name} has timed out progressing.` }
    : undefined;
}

function isStuck(deployment: Deployment, next: DeploymentStatus, nowMs: number): boolean {
  const left = msUntilDeadline(deployment, { ...next, conditions: deployment.status?.conditions }, nowMs);
  return left !== undefined && left <= 0;
}

function hasProgressed(before: DeploymentStatus, next: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (
    (next.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    old(next) < old(before) ||
    (next.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** Until the rollout counts as stuck; undefined where nothing rolls out, it is stuck already, or nobody set a deadline. */
function msUntilDeadline(deployment: Deployment, status: DeploymentStatus, nowMs: number): number | undefined {
  const { progressDeadlineSeconds, paused } = deployment.spec;
  const progress = findCondition(status.conditions, 'Progressing');
  if (progressDeadlineSeconds === undefined || paused === true || progress === undefined) return undefined;
  if (progress.reason === 'NewReplicaSetAvailable' || progress.reason === 'ProgressDeadlineExceeded' || isComplete(deployment, status))
    return undefined;
  const since = Date.parse(progress.lastUpdateTime ?? '');
  return Number.isNaN(since) ? undefined : since + progressDeadlineSeconds * 1000 - nowMs;
}

function withReplicaFailure(
  conditions: readonly DeploymentCondition[],
  { current, old }: DeploymentSets,
  now: string,
): readonly DeploymentCondition[] {
  const failing = [current, ...old].find((set) => isConditionTrue(set?.status?.conditions, 'ReplicaFailure'));
  const failure = findCondition(failing?.status?.conditions, 'ReplicaFailure');
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { type, status, reason, message } = failure;
  return replaced(conditions, { type, status, reason, message }, now);
}

/** As upstream's `SetDeploymentCondition`: the same status for the same reason is left as it was, unless it is to be renewed. */
function replaced(
  conditions: readonly DeploymentCondition[],
  { isRenewed, ...next }: DeploymentCondition & Pick<Progress, 'isRenewed'>,
  now: string,
): readonly DeploymentCondition[] {
  const before = findCondition(conditions, next.type);
  if (isRenewed !== true && before?.status === next.status && before.reason === next.reason) return conditions;
  return withCondition(conditions, { ...next, lastUpdateTime: now, lastTransitionTime: now });
}

function quoted({ metadata }: Deployment, set: ReplicaSet | undefined): string {
  return JSON.stringify(set?.metadata.name ?? metadata.name);
}
