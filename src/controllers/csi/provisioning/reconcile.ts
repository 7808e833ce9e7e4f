import type { ReferenceGrant } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKeyOf } from '#api/meta/object.ts';
import { IN_FLIGHT_FINALIZER, MIGRATED_TO, provisionedNameOf } from '#api/storage/names.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { assertNever } from '#kit/assert-never.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { ConnectedDrivers } from '../driver-work/drivers.ts';
import { MENDING_POLL_MS, untilGone } from '../driver-work/ladder.ts';
import type { DriverSteps } from '../driver-work/steps.ts';
import { type ClaimsInFlight, dropTrace, forgetFlight, patchClaim, reschedule } from './claim-traces.ts';
import type { CreationWork, ProvisioningOrder } from './create-volume.ts';
import * as say from './events.ts';
import type { Refusal } from './order.ts';
import { type OrderObjects, viewOrder } from './order-view.ts';
import { planProvisioning, type ProvisioningPlan, type ProvisioningView } from './plan.ts';
import { readSnapshotSource, type SnapshotSource } from './snapshot-source.ts';

/** What provisioning looks at and works with. */
export interface ProvisioningParts extends ClaimsInFlight {
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly attributesClasses: Informer<VolumeAttributesClass>;
  readonly grants: Informer<ReferenceGrant>;
  readonly hasNode: (nodeName: string) => boolean;
  readonly drivers: ConnectedDrivers;
  readonly steps: Readonly<Record<'create' | 'cleanUp', DriverSteps<CreationWork>>>;
}

/** Snapshots are read when they are needed, for their kinds may not be served: what waits for one looks this often. */
const SNAPSHOT_POLL_MS = 1_000;

/** Brings the provisioning of one claim a step further. */
export async function reconcileProvisioning(ctx: Ctx, parts: ProvisioningParts, claim: PersistentVolumeClaim): Promise<Outcome> {
  const plan = planProvisioning(claim, viewOf(parts, claim, await readSnapshotSource(ctx, claim)));
  return untilGone(() => applyPlan(ctx, parts, { claim, plan }));
}

function viewOf(parts: ProvisioningParts, claim: PersistentVolumeClaim, snapshotSource: SnapshotSource | undefined): ProvisioningView {
  const volume = parts.volumes.get({ namespace: '', name: provisionedNameOf(claim.metadata.uid) });
  const objects: OrderObjects = {
    classNamed: (name) => parts.classes.get({ namespace: '', name }),
    attributesClassNamed: (name) => parts.attributesClasses.get({ namespace: '', name }),
    claimAt: (key) => parts.claims.get(key),
    volumeNamed: (name) => parts.volumes.get({ namespace: '', name }),
    grantsIn: (namespace) => parts.grants.byIndex('ofNamespace', namespace),
    snapshotSource,
  };
  return {
    ...viewOrder(claim, objects),
    hasVolume: volume !== undefined,
    isConnected: (driverName) => parts.drivers.find(driverName) !== undefined,
    hasNode: parts.hasNode,
    mayExist: parts.history.of(claim.metadata.uid) === 'unknown',
  };
}

async function applyPlan(
  ctx: Ctx,
  parts: ProvisioningParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: ProvisioningPlan },
): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'release':
      forgetFlight(parts, claim);
      await patchClaim(ctx, claim, removingFinalizer(claim, IN_FLIGHT_FINALIZER));
      return done;
    case 'refuse':
      if (await isTraceDropped(ctx, parts, { claim, refusal: plan.refusal })) return done;
      ctx.events.record(say.provisioningFailed(claim, plan.storageClass, plan.refusal.problem));
      return after(pollMsOf(claim, plan.refusal), plan.refusal.problem);
    case 'awaitPopulator':
    case 'awaitDriver':
    case 'blocked':
      return tellWait(ctx, parts, { claim, plan });
    case 'reschedule':
      await reschedule(ctx, claim);
      // why: what failed on a node that is gone says nothing of the next one
      parts.ladder.forget(formatKeyOf(claim));
      return done;
    case 'create':
    case 'cleanUp':
      return parts.ladder.climb(ctx, parts.steps[plan.kind], orderOf(claim, plan));
    default:
      return assertNever(plan);
  }
}

function pollMsOf(claim: PersistentVolumeClaim, { about }: Refusal): number {
  return about === 'source' && restoreSourceKeyOf(claim) !== undefined ? SNAPSHOT_POLL_MS : MENDING_POLL_MS;
}

type Waiting = Extract<ProvisioningPlan, { kind: 'awaitPopulator' | 'awaitDriver' | 'blocked' }>;

/** Says for whom the claim waits. */
function tellWait(
  ctx: Ctx,
  parts: ProvisioningParts,
  { claim, plan }: { readonly claim: PersistentVolumeClaim; readonly plan: Waiting },
): Outcome {
  switch (plan.kind) {
    case 'awaitPopulator':
      ctx.events.record(say.awaitsPopulator(claim));
      return done;
    case 'awaitDriver':
      ctx.events.record(say.driverMissing(claim, plan.driverName, parts.drivers.names()));
      return after(MENDING_POLL_MS, 'waiting for the driver');
    case 'blocked':
      ctx.events.record(say.cleanupBlocked(claim, plan.obstacle));
      return after(MENDING_POLL_MS, plan.obstacle);
    default:
      return assertNever(plan);
  }
}

/** True where the trace was taken off, after which the claim is looked at again. Without it a claim that was never asked for goes at once, also after a restart. */
async function isTraceDropped(
  ctx: Ctx,
  parts: ProvisioningParts,
  { claim, refusal }: { readonly claim: PersistentVolumeClaim; readonly refusal: Refusal },
): Promise<boolean> {
  if (!hasFinalizer(claim, IN_FLIGHT_FINALIZER)) return false;
  const isKnownToBeNowhere = parts.history.of(claim.metadata.uid) !== 'unknown';
  // why also without a grant: what is in flight keeps a source that is not its own. What was begun is planned as a clean-up, so nobody was asked for this one
  if (refusal.about !== 'grant' && !(refusal.about === 'class' && isKnownToBeNowhere)) return false;
  await dropTrace(ctx, parts, claim);
  return true;
}

function orderOf(
  claim: PersistentVolumeClaim,
  { kind, order }: Extract<ProvisioningPlan, { kind: 'create' | 'cleanUp' }>,
): ProvisioningOrder {
  const { storageClass } = order;
  const tries = { key: formatKeyOf(claim), uid: claim.metadata.uid, wish: storageClass.metadata.uid };
  const isMigrated = claim.metadata.annotations?.[MIGRATED_TO] !== undefined;
  return {
    ...order,
    claim,
    driverName: storageClass.provisioner,
    isMigrated,
    attempt: kind === 'create' ? tries : { ...tries, purpose: kind },
  };
}
