import {
  type VolumeGroupSnapshot,
  type VolumeGroupSnapshotClass,
  type VolumeGroupSnapshotContent,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer } from '#api/meta/finalizers.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { labelRequirementsOf, matchesLabels } from '#api/meta/selector.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { GROUP_FINALIZER, groupContentNameOf, isDefaultGroupClass, memberContentNameOf } from '#api/storage/group-snapshot.ts';
import { SNAPSHOT_CLAIM_FINALIZER } from '#api/storage/snapshot.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode, ok, type Result } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { migrated } from '../../../migrated-volume.ts';
import { MENDING_POLL_MS, untilGone } from '../../driver-work/ladder.ts';
import type { SnapshotOperations } from '../metrics.ts';
import { ensureMembers, type MemberParts } from './ensure-members.ts';
import * as say from './events.ts';
import { groupContentDraft } from './group-content-draft.ts';
import { groupContentNotes } from './group-content-steps.ts';
import type { GroupOrder } from './group-creation-plan.ts';
import { type GroupFault, groupFault } from './group-fault.ts';
import { type GroupPlan, planGroup } from './group-plan.ts';
import { groupReportOf } from './group-status.ts';
import type { GroupView, Member, SelectedClaim } from './group-view.ts';
import { applyGroupDeletion, patchFinalizers } from './group-deletion.ts';

/** What the controller of groups looks at. */
export interface GroupParts extends MemberParts {
  readonly contents: Informer<VolumeGroupSnapshotContent>;
  /** With the index `driver`. */
  readonly classes: Informer<VolumeGroupSnapshotClass>;
  /** With the indexes `restoreSource` and `ofNamespace`. */
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly operations: SnapshotOperations;
}

/** Brings one group a step further. */
export async function reconcileGroup(ctx: Ctx, parts: GroupParts, group: VolumeGroupSnapshot): Promise<Outcome> {
  const view = viewOf(parts, group);
  const plan = planGroup(group, view);
  parts.operations.observe(group, {
    kind: 'group',
    driverName: view.content?.spec.driver ?? view.groupClass?.driver,
    type: group.spec.source.volumeGroupSnapshotContentName === undefined ? 'dynamic' : 'pre-provisioned',
    isHeld: plan.kind === 'hold',
  });
  return untilGone(() => applyPlan(ctx, parts, { group, plan }));
}

function viewOf(parts: GroupParts, group: VolumeGroupSnapshot): GroupView {
  const { contents, classes, claims, snapshots, snapshotContents } = parts;
  const className = group.spec.volumeGroupSnapshotClassName;
  const members: readonly Member[] = snapshots.byIndex('group', group.metadata.uid).map((snapshot) => ({
    snapshot,
    content: snapshotContents.get({ namespace: '', name: memberContentNameOf(snapshot.metadata.name) }),
  }));
  return {
    content: contents.get({ namespace: '', name: groupContentNameOf(group) }),
    groupClass: className === undefined ? undefined : classes.get({ namespace: '', name: className }),
    defaultsFor: (driverName) => classes.byIndex('driver', driverName).filter(isDefaultGroupClass),
    selected: () => selectedBy(parts, group),
    members,
    restores: members.flatMap(({ snapshot }) => claims.byIndex('restoreSource', formatKeyOf(snapshot))),
  };
}

function selectedBy({ claims, volumes }: GroupParts, { metadata, spec }: VolumeGroupSnapshot): Result<readonly SelectedClaim[]> {
  const requirements = labelRequirementsOf(spec.source.selector ?? {});
  if (!requirements.ok) return requirements;
  const selected = claims
    .byIndex('ofNamespace', metadata.namespace ?? '')
    .filter((claim) => matchesLabels(requirements.value, claim.metadata.labels))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return ok(selected.map((claim) => ({ claim, volume: migrated(volumes.get({ namespace: '', name: volumeNameOf(claim) })) })));
}

interface Planned {
  readonly group: VolumeGroupSnapshot;
  readonly plan: GroupPlan;
}

async function applyPlan(ctx: Ctx, parts: GroupParts, { group, plan }: Planned): Promise<Outcome> {
  switch (plan.kind) {
    case 'protect':
      await patchFinalizers(ctx, group, [...(group.metadata.finalizers ?? []), GROUP_FINALIZER]);
      return done;
    case 'setClass':
      await patchGroup(ctx, group, { spec: { volumeGroupSnapshotClassName: plan.className } });
      return done;
    case 'forgetError':
      await patchStatus(ctx, group, { error: null });
      return done;
    case 'create':
      return create(ctx, group, plan.order);
    case 'bind':
      await bind(ctx, group, plan.content);
      return done;
    case 'report':
      return report(ctx, parts, { group, content: plan.content });
    case 'fail':
      return fail(ctx, group, plan);
    default:
      return applyGroupDeletion(ctx, group, plan);
  }
}

/** The claims stay until the group is taken; then the driver may be asked. */
async function create(ctx: Ctx, group: VolumeGroupSnapshot, order: GroupOrder): Promise<Outcome> {
  const draft = groupContentDraft(group, order);
  if (!draft.ok) return fail(ctx, group, groupFault('GroupSnapshotContentCreationFailed', draft.error));
  for (const { claim } of order.sources)
    if (!hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER))
      await ctx.client.patch(persistentVolumeClaims, {
        key: keyOf(claim),
        patch: { type: 'merge', body: addingFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER) },
      });
  try {
    await ctx.client.create(volumeGroupSnapshotContents, draft.value);
    ctx.events.record(say.creating(group));
  } catch (thrown) {
    // why fine: its name is that of this group's uid
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  return done;
}

async function bind(ctx: Ctx, group: VolumeGroupSnapshot, content: VolumeGroupSnapshotContent): Promise<void> {
  const { volumeGroupSnapshotClassName: wanted } = group.spec;
  const volumeGroupSnapshotRef = { ...content.spec.volumeGroupSnapshotRef, uid: group.metadata.uid };
  const hasClass = wanted === undefined || content.spec.volumeGroupSnapshotClassName !== undefined;
  await groupContentNotes.patch(ctx, content, {
    // why: of two groups that name one content, one must not overwrite the other
    metadata: { resourceVersion: content.metadata.resourceVersion },
    spec: { volumeGroupSnapshotRef, ...(hasClass ? {} : { volumeGroupSnapshotClassName: wanted }) },
  });
}

async function report(
  ctx: Ctx,
  parts: GroupParts,
  { group, content }: { readonly group: VolumeGroupSnapshot; readonly content: VolumeGroupSnapshotContent },
): Promise<Outcome> {
  const members = await ensureMembers(ctx, parts, { group, groupContent: content });
  if ('problem' in members) return fail(ctx, group, groupFault('GroupSnapshotMisbound', members.problem));
  const difference = groupReportOf(group, content, { readyMembers: members.ready });
  if (difference === undefined) return done;
  const { error, ...status } = difference.status;
  await patchStatus(ctx, group, { ...status, error: error ?? null });
  for (const event of difference.events) ctx.events.record(event);
  return done;
}

async function fail(ctx: Ctx, group: VolumeGroupSnapshot, { reason, problem }: GroupFault): Promise<Outcome> {
  // why compared: upstream writes and is woken by its own write, for ever
  if (group.status?.error?.message !== problem || group.status.readyToUse === true) {
    ctx.events.record(say.failed(group, reason, problem));
    await patchStatus(ctx, group, { readyToUse: false, error: { message: problem, time: formatTime(ctx.clock.nowMs()) } });
  }
  return after(MENDING_POLL_MS, `${formatKeyOf(group)}: ${problem}`);
}

async function patchGroup(ctx: Ctx, group: VolumeGroupSnapshot, body: object): Promise<void> {
  await ctx.client.patch(volumeGroupSnapshots, { key: keyOf(group), patch: { type: 'merge', body } });
}

async function patchStatus(ctx: Ctx, group: VolumeGroupSnapshot, status: object): Promise<void> {
  const patch = { type: 'merge', body: { status } } as const;
  await ctx.client.patch(volumeGroupSnapshots, { key: keyOf(group), patch }, { subresource: 'status' });
}
