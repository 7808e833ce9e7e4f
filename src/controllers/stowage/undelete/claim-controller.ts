import { deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKeyOf, keyOf, type ObjectKey } from '#api/meta/object.ts';
import { namespaces, persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/resources.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { DELETED_CLAIM, DELETED_IN, GRACE_FINALIZER } from '#api/undelete/claim-record.ts';
import { DELETION_GRACE, deletionGraceMsOf, validateDeletionGrace } from '#api/undelete/deletion-grace.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import type { UndeleteDeps } from './deps.ts';
import * as say from './events.ts';
import { findObject } from './find-object.ts';
import { CLASS_INDEXES } from './indexes.ts';
import { type ClaimAction, isLast, planDeletion, planProtection } from './plan-claim.ts';

const CONCURRENCY = 64;
/** How soon a claim is looked at again whose class is served by a driver that is not here, in milliseconds. */
const DRIVER_POLL_MS = 60_000;
/** How soon something is looked at again that others wrote to at the same moment, in milliseconds. */
const CONFLICT_MS = 1_000;

/** Sees that claims of classes with a grace leave on their volume what it takes to bring them back, before they are gone. */
export function createDeletionGraceController({ informers, isReclaimedHere, counts }: UndeleteDeps): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, CLASS_INDEXES);
  const classes = informers.for(storageClasses);
  const classOf = (claim: PersistentVolumeClaim): StorageClass | undefined => classes.get({ namespace: '', name: classOfClaim(claim) });
  return {
    name: 'deletion-grace',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(classes, (storageClass, previous) =>
        graceTextOf(storageClass) === graceTextOf(previous) ? [] : claims.byIndex('ofClass', storageClass.metadata.name).map(formatKeyOf),
      ),
    ],
    concurrency: CONCURRENCY,
    concerns: (claim) => hasFinalizer(claim, GRACE_FINALIZER) || graceTextOf(classOf(claim)) !== undefined,
    reconcile: async (ctx, claim) => {
      try {
        return await (isDeleting(claim)
          ? leave(ctx, claim, counts)
          : protect(ctx, claim, { storageClass: classOf(claim), isReclaimedHere }));
      } catch (thrown) {
        // why fine: what was planned from is older than what is there
        if (hasCode(thrown, 'Aborted', 'NotFound')) return after(CONFLICT_MS, 'something changed meanwhile');
        throw thrown;
      }
    },
  };
}

async function leave(ctx: Ctx, claim: PersistentVolumeClaim, counts: UndeleteDeps['counts']): Promise<Outcome> {
  if (isLast(claim)) await apply(ctx, claim, { actions: planDeletion(claim, await look(ctx, claim)), counts });
  return done;
}

interface ClassFacts extends Pick<UndeleteDeps, 'isReclaimedHere'> {
  readonly storageClass: StorageClass | undefined;
}

async function protect(ctx: Ctx, claim: PersistentVolumeClaim, { storageClass, isReclaimedHere }: ClassFacts): Promise<Outcome> {
  const graceMs = deletionGraceMsOf(storageClass);
  if (storageClass !== undefined)
    for (const { field, detail } of validateDeletionGrace(storageClass))
      ctx.events.record(say.graceInvalid(storageClass, `${field}: ${detail}`));
  const isHere = isReclaimedHere(driverOfProvisioner(storageClass?.provisioner ?? '') ?? '');
  await apply(ctx, claim, { actions: planProtection(claim, { graceMs, isReclaimedHere: isHere }) });
  return graceMs === undefined || isHere ? done : waitForDriver;
}

const waitForDriver = after(DRIVER_POLL_MS, 'its driver is not connected here');

function graceTextOf(storageClass: StorageClass | undefined): string | undefined {
  return storageClass?.metadata.annotations?.[DELETION_GRACE];
}

/** The API itself is asked: a cache that is behind would let data go. */
async function look(ctx: Ctx, claim: PersistentVolumeClaim): Promise<Parameters<typeof planDeletion>[1]> {
  const named = (name: string): ObjectKey => ({ namespace: '', name });
  const [volume, namespace, storageClass] = await Promise.all([
    volumeNameOf(claim) === '' ? undefined : findObject(ctx, persistentVolumes, named(volumeNameOf(claim))),
    findObject(ctx, namespaces, named(claim.metadata.namespace ?? '')),
    classOfClaim(claim) === '' ? undefined : findObject(ctx, storageClasses, named(classOfClaim(claim))),
  ]);
  return { volume, namespace, graceMs: deletionGraceMsOf(storageClass), nowMs: ctx.clock.nowMs() };
}

interface Order {
  readonly actions: readonly ClaimAction[];
  /** Counts what is recorded; absent where nothing is. */
  readonly counts?: UndeleteDeps['counts'];
}

async function apply(ctx: Ctx, claim: PersistentVolumeClaim, { actions, counts }: Order): Promise<void> {
  const patch = (body: object): Promise<unknown> =>
    ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
  for (const action of actions) {
    switch (action.kind) {
      case 'protect':
        await patch(addingFinalizer(claim, GRACE_FINALIZER));
        break;
      case 'release':
        await patch(removingFinalizer(claim, GRACE_FINALIZER));
        break;
      case 'record':
        await record(ctx, claim, action);
        counts?.kept();
        break;
      case 'show':
        await show(ctx, action.draft);
        break;
      default:
        assertNever(action);
    }
  }
}

async function record(
  ctx: Ctx,
  claim: PersistentVolumeClaim,
  { volume, record: kept, left, namespaceUid }: Extract<ClaimAction, { kind: 'record' }>,
): Promise<void> {
  const annotations = { [DELETED_CLAIM]: JSON.stringify(kept), [DELETED_IN]: namespaceUid };
  const body = { metadata: { resourceVersion: volume.metadata.resourceVersion, annotations } };
  await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
  for (const event of say.volumeKept(claim, volume, { keptUntil: kept.keptUntil, left })) ctx.events.record(event);
}

/** A refusal holds nobody up: what counts is on the volume, and the volume's own look says what was refused and tries again. */
async function show(ctx: Ctx, draft: Extract<ClaimAction, { kind: 'show' }>['draft']): Promise<void> {
  try {
    await ctx.client.create(deletedClaims, draft);
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists', 'NotFound', 'PermissionDenied', 'FailedPrecondition', 'InvalidArgument')) throw thrown;
  }
}
