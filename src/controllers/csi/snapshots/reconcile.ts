import {
  type VolumeGroupSnapshot,
  type VolumeSnapshot,
  type VolumeSnapshotClass,
  type VolumeSnapshotContent,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { groupOwnerOf } from '#api/storage/group-snapshot.ts';
import {
  BEING_DELETED,
  claimKeyOfSnapshot,
  contentNameOf,
  isDefaultSnapshotClass,
  SNAPSHOT_CLAIM_FINALIZER,
} from '#api/storage/snapshot.ts';
import { assertNever } from '#kit/assert-never.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { migrated } from '../../migrated-volume.ts';
import { MENDING_POLL_MS, untilGone } from '../driver-work/ladder.ts';
import { contentDraft } from './content-draft.ts';
import { contentNotes } from './content-steps.ts';
import * as say from './events.ts';
import type { SnapshotOperations } from './metrics.ts';
import { planSnapshot, type SnapshotOrder, type SnapshotPlan } from './snapshot-plan.ts';
import type { SnapshotView } from './snapshot-view.ts';
import type { SnapshotDeletionPlan } from './snapshot-deletion-plan.ts';
import { reportOf } from './snapshot-status.ts';

/** What the snapshot controller looks at. */
export interface SnapshotParts {
  readonly contents: Informer<VolumeSnapshotContent>;
  /** With the index `driver`. */
  readonly classes: Informer<VolumeSnapshotClass>;
  /** With the index `restoreSource`. */
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly groups: Informer<VolumeGroupSnapshot>;
  readonly operations: SnapshotOperations;
}

/** Brings one snapshot a step further. */
export async function reconcileSnapshot(ctx: Ctx, parts: SnapshotParts, snapshot: VolumeSnapshot): Promise<Outcome> {
  const view = viewOf(parts, snapshot);
  const plan = planSnapshot(snapshot, view);
  // why not members: their group is what is taken
  if (groupOwnerOf(snapshot) === undefined)
    parts.operations.observe(snapshot, {
      kind: 'snapshot',
      driverName: view.content?.spec.driver ?? view.snapshotClass?.driver,
      type: snapshot.spec.source.volumeSnapshotContentName === undefined ? 'dynamic' : 'pre-provisioned',
      isHeld: plan.kind === 'hold',
    });
  return untilGone(() => applyPlan(ctx, snapshot, plan));
}

function viewOf({ contents, classes, claims, volumes, groups }: SnapshotParts, snapshot: VolumeSnapshot): SnapshotView {
  const claimKey = claimKeyOfSnapshot(snapshot);
  const claim = claimKey === undefined ? undefined : claims.get(claimKey);
  const className = snapshot.spec.volumeSnapshotClassName;
  return {
    content: contents.get({ namespace: '', name: contentNameOf(snapshot) }),
    claim,
    volume: claim === undefined ? undefined : migrated(volumes.get({ namespace: '', name: volumeNameOf(claim) })),
    snapshotClass: className === undefined ? undefined : classes.get({ namespace: '', name: className }),
    defaultsFor: (driverName) => classes.byIndex('driver', driverName).filter(isDefaultSnapshotClass),
    group: groupOf(groups, snapshot),
    restores: claims.byIndex('restoreSource', formatKey(keyOf(snapshot))),
  };
}

function groupOf(groups: Informer<VolumeGroupSnapshot>, snapshot: VolumeSnapshot): VolumeGroupSnapshot | undefined {
  const owner = groupOwnerOf(snapshot);
  const found = owner === undefined ? undefined : groups.get({ namespace: snapshot.metadata.namespace ?? '', name: owner.name });
  return found?.metadata.uid === owner?.uid ? found : undefined;
}

async function applyPlan(ctx: Ctx, snapshot: VolumeSnapshot, plan: SnapshotPlan): Promise<Outcome> {
  switch (plan.kind) {
    case 'leave':
      return done;
    case 'finalize':
      await patchFinalizers(ctx, snapshot, [...new Set([...(snapshot.metadata.finalizers ?? []), ...plan.finalizers])]);
      return done;
    case 'setClass':
      await patchSnapshot(ctx, snapshot, { spec: { volumeSnapshotClassName: plan.className } });
      return done;
    case 'forgetError':
      await patchStatus(ctx, snapshot, { error: null });
      return done;
    case 'create':
      return create(ctx, snapshot, plan.order);
    case 'bind':
      await bind(ctx, snapshot, plan.content);
      return done;
    case 'report':
      return report(ctx, snapshot, plan.content);
    case 'fail':
      return fail(ctx, snapshot, plan);
    default:
      return applyDeletion(ctx, snapshot, plan);
  }
}

async function applyDeletion(ctx: Ctx, snapshot: VolumeSnapshot, plan: Exclude<SnapshotDeletionPlan, { kind: 'leave' }>): Promise<Outcome> {
  switch (plan.kind) {
    case 'release': {
      const kept = (snapshot.metadata.finalizers ?? []).filter((name) => !plan.finalizers.includes(name));
      await patchFinalizers(ctx, snapshot, kept);
      return done;
    }
    case 'hold':
      ctx.events.record(say.deletePending(snapshot, plan.problem));
      return after(MENDING_POLL_MS, plan.problem);
    case 'markContent':
      await contentNotes.patch(ctx, plan.content, { metadata: { annotations: { [BEING_DELETED]: 'yes' } } });
      return done;
    case 'deleteContent':
      await ctx.client.delete(volumeSnapshotContents, keyOf(plan.content), { uid: plan.content.metadata.uid });
      return done;
    default:
      return assertNever(plan);
  }
}

/** The claim stays until the snapshot is taken; then the driver may be asked. */
async function create(ctx: Ctx, snapshot: VolumeSnapshot, order: SnapshotOrder): Promise<Outcome> {
  const draft = contentDraft(snapshot, order);
  if (!draft.ok) return fail(ctx, snapshot, { reason: 'SnapshotContentCreationFailed', problem: draft.error });
  if (!hasFinalizer(order.claim, SNAPSHOT_CLAIM_FINALIZER))
    await ctx.client.patch(persistentVolumeClaims, {
      key: keyOf(order.claim),
      patch: { type: 'merge', body: addingFinalizer(order.claim, SNAPSHOT_CLAIM_FINALIZER) },
    });
  try {
    await ctx.client.create(volumeSnapshotContents, draft.value);
    ctx.events.record(say.creating(snapshot));
  } catch (thrown) {
    // why fine: its name is that of this snapshot's uid
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  return done;
}

async function bind(ctx: Ctx, snapshot: VolumeSnapshot, content: VolumeSnapshotContent): Promise<void> {
  const { volumeSnapshotClassName } = snapshot.spec;
  const volumeSnapshotRef = { ...content.spec.volumeSnapshotRef, uid: snapshot.metadata.uid };
  const body = {
    // why: of two snapshots that name one content, one must not overwrite the other
    metadata: { resourceVersion: content.metadata.resourceVersion },
    spec: { volumeSnapshotRef, ...(volumeSnapshotClassName === undefined ? {} : { volumeSnapshotClassName }) },
  };
  await contentNotes.patch(ctx, content, body);
}

async function report(ctx: Ctx, snapshot: VolumeSnapshot, content: VolumeSnapshotContent): Promise<Outcome> {
  const difference = reportOf(snapshot, content);
  if (difference === undefined) return done;
  const { error, ...status } = difference.status;
  await patchStatus(ctx, snapshot, { ...status, error: error ?? null });
  for (const event of difference.events) ctx.events.record(event);
  return done;
}

async function fail(
  ctx: Ctx,
  snapshot: VolumeSnapshot,
  { reason, problem }: Pick<Extract<SnapshotPlan, { kind: 'fail' }>, 'reason' | 'problem'>,
): Promise<Outcome> {
  if (snapshot.status?.error?.message !== problem || snapshot.status.readyToUse === true) {
    ctx.events.record(say.failed(snapshot, reason, problem));
    await patchStatus(ctx, snapshot, { readyToUse: false, error: { message: problem, time: formatTime(ctx.clock.nowMs()) } });
  }
  return after(MENDING_POLL_MS, `${formatKeyOf(snapshot)}: ${problem}`);
}

async function patchFinalizers(ctx: Ctx, snapshot: VolumeSnapshot, finalizers: readonly string[]): Promise<void> {
  // why the version: a merge patch replaces the list as a whole
  await patchSnapshot(ctx, snapshot, { metadata: { resourceVersion: snapshot.metadata.resourceVersion, finalizers } });
}

async function patchSnapshot(ctx: Ctx, snapshot: VolumeSnapshot, body: object): Promise<void> {
  await ctx.client.patch(volumeSnapshots, { key: keyOf(snapshot), patch: { type: 'merge', body } });
}

async function patchStatus(ctx: Ctx, snapshot: VolumeSnapshot, status: object): Promise<void> {
  const patch = { type: 'merge', body: { status } } as const;
  await ctx.client.patch(volumeSnapshots, { key: keyOf(snapshot), patch }, { subresource: 'status' });
}
