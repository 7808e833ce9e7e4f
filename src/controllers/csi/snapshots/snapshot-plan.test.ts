import { describe, expect, it } from 'vitest';
import type { VolumeSnapshot, VolumeSnapshotClass } from '#api/generated/definitions.ts';
import type { ObjectMeta } from '#api/meta/object.ts';
import { BEING_DELETED, SNAPSHOT_BOUND_FINALIZER, SNAPSHOT_IN_GROUP_FINALIZER, SNAPSHOT_SOURCE_FINALIZER } from '#api/storage/snapshot.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredContent, aStoredGroup, aStoredSnapshot } from '#testing/builders/snapshot.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planSnapshot } from './snapshot-plan.ts';
import type { SnapshotView } from './snapshot-view.ts';

const DRIVER = 'local.stowage.dev';
const stored = (name: string, driver = DRIVER): VolumeSnapshotClass => ({
  apiVersion: 'snapshot.storage.k8s.io/v1',
  kind: 'VolumeSnapshotClass',
  metadata: { name, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  driver,
  deletionPolicy: 'Delete',
});
const claim = aStoredClaim({ volumeName: 'pv-1', status: { phase: 'Bound' } });
const volume = aStoredVolume({ driver: DRIVER, claim });
const snapshotClass = stored('snaps');
const fine: SnapshotView = { content: undefined, claim, volume, snapshotClass, defaultsFor: () => [], group: undefined, restores: [] };
const finalizers = [SNAPSHOT_SOURCE_FINALIZER];
const metadata = { finalizers };
const snapshot = aStoredSnapshot({ metadata });
const byDefault = aStoredSnapshot({ metadata, spec: { volumeSnapshotClassName: undefined } });
const content = aStoredContent();
const deletionTimestamp = '2026-01-01T00:00:00Z';
const member = (more: Partial<ObjectMeta> = {}): VolumeSnapshot =>
  aStoredSnapshot({
    metadata: {
      finalizers: [SNAPSHOT_IN_GROUP_FINALIZER],
      ownerReferences: [{ apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', name: 'all', uid: 'u-all' }],
      ...more,
    },
  });

describe('SNAP-1: a snapshot of a claim', () => {
  it.each([
    { name: 'that is new', snapshot: aStoredSnapshot(), view: fine, plan: { kind: 'finalize', finalizers } },
    { name: 'that can be taken', snapshot, view: fine, plan: { kind: 'create', order: { volumeHandle: 'pv-1' } } },
    {
      name: 'that could not be taken before',
      snapshot: aStoredSnapshot({ metadata, status: { error: { message: 'why' } } }),
      view: fine,
      plan: { kind: 'forgetError' },
    },
    { name: 'that has its content', snapshot, view: { ...fine, content }, plan: { kind: 'report' } },
    {
      name: 'whose content goes with it',
      snapshot: aStoredSnapshot({ metadata, status: { boundVolumeSnapshotContentName: 'snapcontent-u-one' } }),
      view: { ...fine, content },
      plan: { kind: 'finalize', finalizers: [SNAPSHOT_SOURCE_FINALIZER, SNAPSHOT_BOUND_FINALIZER] },
    },
    {
      name: 'without a class',
      snapshot: byDefault,
      view: { ...fine, defaultsFor: () => [snapshotClass] },
      plan: { kind: 'setClass', className: 'snaps' },
    },
    {
      name: 'without a class, of two defaults',
      snapshot: byDefault,
      view: { ...fine, defaultsFor: () => [snapshotClass, stored('other')] },
      plan: { reason: 'SetDefaultSnapshotClassFailed', problem: expect.stringContaining('(snaps, other): leave one') },
    },
    { name: 'without a class, of no default', snapshot: byDefault, view: fine, plan: { reason: 'SetDefaultSnapshotClassFailed' } },
    {
      name: 'of a class that is not there',
      snapshot,
      view: { ...fine, snapshotClass: undefined },
      plan: { reason: 'GetSnapshotClassFailed' },
    },
    {
      name: 'of a class of another driver',
      snapshot,
      view: { ...fine, snapshotClass: stored('snaps', 'other.example') },
      plan: { reason: 'SnapshotContentCreationFailed', problem: expect.stringContaining('"other.example"') },
    },
    {
      name: 'that is not there',
      snapshot,
      view: { ...fine, claim: undefined },
      plan: { problem: 'the claim "data" does not exist: create it first' },
    },
    {
      name: 'that is not bound',
      snapshot,
      view: { ...fine, claim: aStoredClaim() },
      plan: { problem: expect.stringContaining('not yet bound') },
    },
    {
      name: 'that is being deleted',
      snapshot,
      view: { ...fine, claim: aStoredClaim({ volumeName: 'pv-1', status: { phase: 'Bound' }, deletionTimestamp: '2026-01-01T00:00:00Z' }) },
      plan: { problem: expect.stringContaining('being deleted') },
    },
    {
      name: 'whose volume is of no driver',
      snapshot,
      view: { ...fine, volume: aStoredVolume({ claim }) },
      plan: { problem: expect.stringContaining('no CSI volume') },
    },
    {
      name: 'whose content is of another snapshot',
      snapshot,
      view: { ...fine, content: aStoredContent({ spec: { volumeSnapshotRef: { name: 'one', namespace: 'default', uid: 'u-two' } } }) },
      plan: { reason: 'SnapshotMisbound' },
    },
    {
      name: 'whose content has a handle of its own',
      snapshot,
      view: { ...fine, content: aStoredContent({ spec: { source: { snapshotHandle: 's' } } }) },
      plan: { reason: 'SnapshotHandleSet' },
    },
    {
      name: 'that was ready and lost its content',
      snapshot: aStoredSnapshot({ metadata, status: { readyToUse: true } }),
      view: fine,
      plan: { reason: 'SnapshotContentMissing' },
    },
    {
      name: 'that a group of elsewhere has taken',
      snapshot: aStoredSnapshot({ metadata: { finalizers: [SNAPSHOT_IN_GROUP_FINALIZER] } }),
      view: fine,
      plan: { kind: 'leave' },
    },
    { name: 'that a group has taken', snapshot: member(), view: { ...fine, group: aStoredGroup() }, plan: { kind: 'leave' } },
    {
      name: 'that a group has taken which is there, and is deleted alone',
      snapshot: member({ deletionTimestamp }),
      view: { ...fine, group: aStoredGroup() },
      plan: { kind: 'hold', problem: expect.stringContaining('is a member of the VolumeGroupSnapshot "all"') },
    },
    {
      name: 'that a group has taken which goes as well',
      snapshot: member({ deletionTimestamp }),
      view: { ...fine, group: aStoredGroup({ metadata: { deletionTimestamp } }) },
      plan: { kind: 'leave' },
    },
    {
      name: 'that a group had taken which was forced away',
      snapshot: member(),
      view: fine,
      plan: { kind: 'release', finalizers: [SNAPSHOT_IN_GROUP_FINALIZER] },
    },
  ])('$name', ({ snapshot: given, view, plan }) => {
    expect(planSnapshot(given, view)).toMatchObject(plan);
  });
});

describe('SNAP-1: a snapshot that names its content', () => {
  const imported = aStoredSnapshot({
    metadata,
    spec: { source: { volumeSnapshotContentName: 'kept' }, volumeSnapshotClassName: undefined },
  });
  const kept = (ref: object, source = { snapshotHandle: 's-1' }): SnapshotView => ({
    ...fine,
    content: aStoredContent({ metadata: { name: 'kept' }, spec: { source, volumeSnapshotRef: ref } }),
  });
  it.each([
    { name: 'is not there', view: fine, plan: { reason: 'SnapshotContentMissing' } },
    { name: 'is of a volume', view: { ...fine, content }, plan: { reason: 'SnapshotContentMismatch' } },
    { name: 'is for another name', view: kept({ name: 'two', namespace: 'default' }), plan: { reason: 'SnapshotContentMisbound' } },
    { name: 'is for another namespace', view: kept({ name: 'one', namespace: 'shop' }), plan: { reason: 'SnapshotContentMisbound' } },
    { name: 'is free', view: kept({ name: 'one', namespace: 'default' }), plan: { kind: 'bind' } },
    { name: 'is its own', view: kept({ name: 'one', namespace: 'default', uid: 'u-one' }), plan: { kind: 'report' } },
    {
      name: 'was of one of that name before',
      view: kept({ name: 'one', namespace: 'default', uid: 'u-old' }),
      plan: { reason: 'SnapshotContentMisbound' },
    },
  ])('which $name', ({ view, plan }) => {
    expect(planSnapshot(imported, view)).toMatchObject(plan);
  });
});

describe('SNAP-2: a snapshot that is to go', () => {
  const both = [SNAPSHOT_SOURCE_FINALIZER, SNAPSHOT_BOUND_FINALIZER];
  const going = aStoredSnapshot({ metadata: { finalizers: both, deletionTimestamp: '2026-01-01T00:00:00Z' } });
  const told = { annotations: { [BEING_DELETED]: 'yes' } };
  it.each([
    { name: 'tells its content first', view: { ...fine, content }, plan: { kind: 'markContent' } },
    { name: 'takes its content along', view: { ...fine, content: aStoredContent({ metadata: told }) }, plan: { kind: 'deleteContent' } },
    {
      name: 'stays while its driver still has it',
      view: { ...fine, content: aStoredContent({ metadata: { ...told, deletionTimestamp: '2026-01-01T00:00:00Z' } }) },
      plan: { kind: 'release', finalizers: [SNAPSHOT_SOURCE_FINALIZER] },
    },
    {
      name: 'leaves a content that is kept',
      view: { ...fine, content: aStoredContent({ metadata: told, spec: { deletionPolicy: 'Retain' } }) },
      plan: { kind: 'release', finalizers: both },
    },
    { name: 'goes when its content is gone', view: fine, plan: { kind: 'release', finalizers: both } },
    {
      name: 'stays while a claim is made from it',
      view: { ...fine, content, restores: [aStoredClaim({ name: 'back' })] },
      plan: { kind: 'hold', problem: expect.stringContaining('claims back') },
    },
  ])('$name', ({ view, plan }) => {
    expect(planSnapshot(going, view)).toMatchObject(plan);
  });
});
