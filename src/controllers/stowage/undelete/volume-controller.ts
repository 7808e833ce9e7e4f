import { type DeletedClaim, deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { customResourceDefinitions, namespaces, persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/resources.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import { DELETED_CLAIM, DELETED_IN, GRACE_FINALIZER, isKept } from '#api/undelete/claim-record.ts';
import { deletionGraceMsOf, isPassingClaim } from '#api/undelete/deletion-grace.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Controller, type Ctx, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { UndeleteDeps } from './deps.ts';
import * as say from './events.ts';
import { findObject } from './find-object.ts';
import { CLASS_INDEXES, KEPT_INDEXES } from './indexes.ts';
import { type KeptPlan, type KeptView, planKept } from './plan-volume.ts';

const CONCURRENCY = 16;
/** How soon what was refused or has changed meanwhile is looked at again, in milliseconds. */
const AGAIN_MS = 5_000;
/** The longest wait at a time: timers hold no more than some weeks. */
const MAX_WAIT_MS = 24 * 3_600_000;

interface Parts {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly classes: Informer<StorageClass>;
  readonly told: Informer<DeletedClaim>;
  readonly counts: UndeleteDeps['counts'];
}

/** Keeps the volumes of deleted claims for their time, and gives them to who brings the claim back. */
export function createKeptVolumeController({ informers, counts }: UndeleteDeps): Controller<PersistentVolume> {
  const volumes = informers.for(persistentVolumes, KEPT_INDEXES);
  const parts: Parts = {
    claims: informers.for(persistentVolumeClaims, CLASS_INDEXES),
    classes: informers.for(storageClasses),
    told: informers.for(deletedClaims),
    counts,
  };
  counts.watch(() => volumes.byIndex('kept', ''));
  return {
    name: 'kept-volume',
    resource: persistentVolumes,
    informer: volumes,
    triggers: [
      trigger(parts.claims, (claim) => {
        const volume = volumes.get({ namespace: '', name: volumeNameOf(claim) });
        return volume !== undefined && isKept(volume) ? [volume.metadata.name] : [];
      }),
      trigger(parts.told, ({ metadata }) => [metadata.name]),
    ],
    reads: [parts.classes],
    concurrency: CONCURRENCY,
    concerns: isKept,
    reconcile: async (ctx, volume) => {
      if (!isKept(volume)) return { kind: 'done' };
      try {
        return await apply(ctx, parts, { volume, plan: planKept(volume, await look(ctx, parts, volume)) });
      } catch (thrown) {
        // why fine: what was planned from is older than what is there
        if (hasCode(thrown, 'Aborted', 'NotFound')) return after(AGAIN_MS, 'something changed meanwhile');
        throw thrown;
      }
    },
  };
}

async function look(ctx: Ctx, parts: Parts, { metadata, spec }: PersistentVolume): Promise<KeptView> {
  const namespace = spec.claimRef?.namespace ?? '';
  const ours = parts.claims.byIndex('volume', metadata.name).filter((claim) => claim.metadata.namespace === namespace);
  const told = parts.told.get({ namespace, name: metadata.name });
  return {
    namespace: await findObject(ctx, namespaces, { namespace: '', name: namespace }),
    told,
    isKindGoing: told !== undefined && isDeleting(told) && (await isKindGoing(ctx)),
    claims: ours.toSorted((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp)),
    isGraced: (claim) =>
      !isPassingClaim(claim) && deletionGraceMsOf(parts.classes.get({ namespace: '', name: classOfClaim(claim) })) !== undefined,
    nowMs: ctx.clock.nowMs(),
  };
}

async function isKindGoing(ctx: Ctx): Promise<boolean> {
  const kind = await findObject(ctx, customResourceDefinitions, { namespace: '', name: groupResourceOf(deletedClaims) });
  return kind === undefined || isDeleting(kind);
}

interface Order<P = KeptPlan> {
  readonly volume: PersistentVolume;
  readonly plan: P;
}

async function apply(ctx: Ctx, parts: Parts, { volume, plan }: Order): Promise<Outcome> {
  switch (plan.kind) {
    case 'adopt':
      return adopt(ctx, parts, { volume, plan });
    case 'end':
      return end(ctx, parts, { volume, plan });
    case 'show':
      return show(ctx, { volume, plan });
    case 'hide':
      await ctx.client.patch(deletedClaims, {
        key: keyOf(plan.told),
        patch: { type: 'merge', body: removingFinalizer(plan.told, GRACE_FINALIZER) },
      });
      return after(AGAIN_MS, 'its namespace goes');
    case 'refuse':
      ctx.events.record(say.undeleteRefused(plan.claim, plan.why));
      return apply(ctx, parts, { volume, plan: plan.next });
    case 'unreadable':
      ctx.events.record(say.recordUnreadable(volume, plan.problem));
      return { kind: 'done' };
    case 'wait':
      return after(Math.min(plan.untilMs - ctx.clock.nowMs(), MAX_WAIT_MS), 'the claim can be brought back until then');
    default:
      return assertNever(plan);
  }
}

/** One write, and with the version that was looked at: of who brings it back and who lets it go, one is refused. The claimRef has the UID: the claim deleted before it is bound leaves a volume that is Released. */
async function adopt(
  ctx: Ctx,
  { counts }: Parts,
  { volume, plan: { claim } }: Order<Extract<KeptPlan, { kind: 'adopt' }>>,
): Promise<Outcome> {
  const { name, namespace, uid } = claim.metadata;
  await patch(ctx, volume, { spec: { claimRef: { name, namespace, uid, resourceVersion: null } } });
  for (const event of say.undeleted(claim, volume)) ctx.events.record(event);
  counts.ended('restored');
  return { kind: 'done' };
}

async function end(ctx: Ctx, { counts, told }: Parts, { volume, plan }: Order<Extract<KeptPlan, { kind: 'end' }>>): Promise<Outcome> {
  await patch(ctx, volume, {});
  const shown = told.get({ namespace: volume.spec.claimRef?.namespace ?? '', name: volume.metadata.name });
  if (plan.how !== 'taken') for (const event of say.graceEnded(volume, shown, plan.why)) ctx.events.record(event);
  counts.ended(plan.how);
  return { kind: 'done' };
}

/** Takes the record off, and writes `body` with it. */
async function patch(ctx: Ctx, volume: PersistentVolume, body: object): Promise<void> {
  const metadata = { resourceVersion: volume.metadata.resourceVersion, annotations: { [DELETED_CLAIM]: null, [DELETED_IN]: null } };
  await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body: { ...body, metadata } } });
}

async function show(ctx: Ctx, { volume, plan: { draft } }: Order<Extract<KeptPlan, { kind: 'show' }>>): Promise<Outcome> {
  try {
    await ctx.client.create(deletedClaims, draft);
  } catch (thrown) {
    if (hasCode(thrown, 'PermissionDenied', 'FailedPrecondition', 'InvalidArgument'))
      ctx.events.record(say.notTold(volume, PlatformError.from(thrown).message));
    else if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  return after(AGAIN_MS, 'it is told of');
}
