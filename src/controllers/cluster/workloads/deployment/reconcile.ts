import type { Deployment, Pod, ReplicaSet } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { deployments, replicaSets } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { controllerOf, type OwnedObjects } from '../owners.ts';
import { isOver } from '../pod-facts.ts';
import { writeStatus } from '../write-status.ts';
import { selectsAll, setNotCreated, setScaled } from './events.ts';
import { isRescaled, newSetReplicas, planEndOfOld, planRolling, planScale, type Scaling } from './plan.ts';
import {
  currentSetPatch,
  type DeploymentSets,
  hasTemplate,
  newSetDraft,
  planCleanup,
  REVISION,
  scaleAnnotations,
  sortSets,
} from './revisions.ts';
import { deploymentStatus, isComplete } from './status.ts';

/** What the deployment controller looks at. */
export interface DeploymentParts {
  readonly sets: Informer<ReplicaSet>;
  readonly setsOf: OwnedObjects<ReplicaSet>;
  readonly pods: Informer<Pod>;
}

/** Rolls `deployment` out: one step at a time, each followed by a look at what it brought. */
export async function reconcileDeployment(ctx: Ctx, parts: DeploymentParts, deployment: Deployment): Promise<Outcome> {
  const { selector } = deployment.spec;
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0) {
    ctx.events.record(selectsAll(deployment));
    return done;
  }
  const owned = await parts.setsOf.claim(ctx, deployments, deployment);
  const isEnding = deployment.metadata.deletionTimestamp !== undefined;
  const made = isEnding ? NOTHING_MADE : await rollOut(ctx, parts, { deployment, sets: sortSets(deployment, owned) });
  // why read again: what was just written is in the cache already
  const sets = sortSets(deployment, parts.sets.byIndex('controller', deployment.metadata.uid));
  const collisionCount = made.collisionCount ?? deployment.status?.collisionCount;
  const view = { sets, nowMs: ctx.clock.nowMs(), isNewSetCreated: made.isNewSetCreated, collisionCount };
  const { status, nextMs } = deploymentStatus(deployment, view);
  if (!isEnding && isComplete(deployment, status)) await cleanUp(ctx, deployment, sets.old);
  const latest = isEnding ? deployment : await writeRevision(ctx, deployment, sets.current);
  await writeStatus(ctx, deployments, { object: latest, status });
  return nextMs === undefined ? done : after(nextMs, 'waiting for the progress deadline');
}

interface Made {
  readonly isNewSetCreated: boolean;
  readonly collisionCount?: number;
}

const NOTHING_MADE: Made = { isNewSetCreated: false };

interface Rollout {
  readonly deployment: Deployment;
  readonly sets: DeploymentSets;
}

async function rollOut(ctx: Ctx, parts: DeploymentParts, rollout: Rollout): Promise<Made> {
  const { deployment, sets } = rollout;
  const patch = currentSetPatch(deployment, sets);
  if (patch !== undefined && sets.current !== undefined) {
    // why no more this time: the change of the set brings the deployment back
    await patchSet(ctx, sets.current, patch);
    return NOTHING_MADE;
  }
  if (deployment.spec.paused === true || isRescaled(deployment, sets)) {
    await scaleAll(ctx, deployment, planScale(deployment, sets));
    return NOTHING_MADE;
  }
  if (deployment.spec.strategy?.type === 'Recreate') {
    const ending = planEndOfOld(sets);
    await scaleAll(ctx, deployment, ending);
    if (ending.length > 0 || hasPods(parts, sets.old)) return NOTHING_MADE;
  }
  if (sets.current === undefined) return createSet(ctx, parts, rollout);
  await scaleAll(ctx, deployment, planRolling(deployment, sets));
  return NOTHING_MADE;
}

function hasPods({ pods }: DeploymentParts, sets: readonly ReplicaSet[]): boolean {
  return sets.some(({ metadata }) => pods.byIndex('controller', metadata.uid).some((pod) => !isOver(pod)));
}

async function createSet(ctx: Ctx, parts: DeploymentParts, { deployment, sets }: Rollout): Promise<Made> {
  const replicas = newSetReplicas(deployment, sets);
  const draft = newSetDraft(deployment, sets.old, replicas);
  try {
    const { metadata } = await ctx.client.create(replicaSets, draft);
    if (replicas > 0) ctx.events.record(setScaled(deployment, { name: metadata.name, from: 0, to: replicas }));
    return { isNewSetCreated: true };
  } catch (thrown) {
    if (hasCode(thrown, 'AlreadyExists')) return afterCollision(ctx, deployment, draft.metadata.name ?? '');
    ctx.events.record(setNotCreated(deployment, PlatformError.from(thrown).message));
    throw thrown;
  }
}

/** The name is taken: by what a stale cache does not show yet, or by another template of the same hash, which then gets another one. */
async function afterCollision(ctx: Ctx, deployment: Deployment, name: string): Promise<Made> {
  const there = await ctx.client.get(replicaSets, { namespace: deployment.metadata.namespace ?? '', name });
  const isOurs = controllerOf(there.metadata)?.uid === deployment.metadata.uid;
  if (isOurs && hasTemplate(there, deployment.spec.template)) return NOTHING_MADE;
  return { isNewSetCreated: false, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
}

async function scaleAll(ctx: Ctx, deployment: Deployment, scalings: readonly Scaling[]): Promise<void> {
  for (const { set, replicas } of scalings) {
    const from = set.spec.replicas ?? 1;
    await patchSet(ctx, set, {
      metadata: { resourceVersion: set.metadata.resourceVersion, annotations: scaleAnnotations(deployment) },
      spec: { replicas },
    });
    if (replicas !== from) ctx.events.record(setScaled(deployment, { name: set.metadata.name, from, to: replicas }));
  }
}

async function patchSet(ctx: Ctx, set: ReplicaSet, body: object): Promise<void> {
  await ctx.client.patch(replicaSets, { key: keyOf(set), patch: { type: 'merge', body } });
}

async function cleanUp(ctx: Ctx, deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
  for (const set of planCleanup(deployment, old)) {
    const { uid, resourceVersion } = set.metadata;
    try {
      await ctx.client.delete(replicaSets, keyOf(set), { uid, resourceVersion, propagation: 'Background' });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
    }
  }
}

/** The deployment has the revision of its current ReplicaSet. */
async function writeRevision(ctx: Ctx, deployment: Deployment, current: ReplicaSet | undefined): Promise<Deployment> {
  const revision = current?.metadata.annotations?.[REVISION];
  if (revision === undefined || deployment.metadata.annotations?.[REVISION] === revision) return deployment;
  const { resourceVersion } = deployment.metadata;
  const body = { metadata: { resourceVersion, annotations: { [REVISION]: revision } } };
  return ctx.client.patch(deployments, { key: keyOf(deployment), patch: { type: 'merge', body } });
}
