import { describe, expect, it } from 'vitest';
import type { VolumeGroupSnapshotClass } from '#api/generated/definitions.ts';
import { GROUP_BEING_DELETED, GROUP_FINALIZER } from '#api/storage/group-snapshot.ts';
import { fail, ok } from '#kit/errors.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredGroup, aStoredGroupContent, aStoredSnapshot } from '#testing/builders/snapshot.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { planGroup } from './group-plan.ts';
import type { GroupView, SelectedClaim } from './group-view.ts';

const DRIVER = 'local.stowage.dev';
const deletionTimestamp = '2026-01-01T00:00:00Z';
const stored = (name: string, driver = DRIVER): VolumeGroupSnapshotClass => ({
  apiVersion: 'groupsnapshot.storage.k8s.io/v1',
  kind: 'VolumeGroupSnapshotClass',
  metadata: { name, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  driver,
  deletionPolicy: 'Delete',
});
const selected = (name: string, driver = DRIVER): SelectedClaim => {
  const claim = aStoredClaim({ name, volumeName: `pv-${name}`, status: { phase: 'Bound' } });
  return { claim, volume: aStoredVolume({ name: `pv-${name}`, driver, claim }) };
};
const two = [selected('a'), selected('b')];
const fine: GroupView = {
  content: undefined,
  groupClass: stored('groups'),
  defaultsFor: () => [],
  selected: () => ok(two),
  members: [],
  restores: [],
};
const metadata = { finalizers: [GROUP_FINALIZER] };
const group = aStoredGroup({ metadata });
const byDefault = aStoredGroup({ metadata, spec: { volumeGroupSnapshotClassName: undefined } });
const content = aStoredGroupContent();
const noClass = { ...fine, groupClass: undefined };
const of = (...claims: readonly SelectedClaim[]): GroupView => ({ ...fine, selected: () => ok(claims) });
const bare = selected('b');

describe('SNAP-8: a group of claims', () => {
  it.each([
    { name: 'that is new', group: aStoredGroup(), view: fine, plan: { kind: 'protect' } },
    {
      name: 'that can be taken',
      group,
      view: fine,
      plan: { kind: 'create', order: { sources: [{ volumeHandle: 'pv-a' }, { volumeHandle: 'pv-b' }] } },
    },
    {
      name: 'that could not be taken before',
      group: aStoredGroup({ metadata, status: { error: { message: 'why' } } }),
      view: fine,
      plan: { kind: 'forgetError' },
    },
    { name: 'that has its content', group, view: { ...fine, content }, plan: { kind: 'report' } },
    {
      name: 'without a class',
      group: byDefault,
      view: { ...noClass, defaultsFor: () => [stored('usual')] },
      plan: { kind: 'setClass', className: 'usual' },
    },
    {
      name: 'without a class, of two defaults',
      group: byDefault,
      view: { ...noClass, defaultsFor: () => [stored('usual'), stored('other')] },
      plan: { reason: 'SetDefaultGroupSnapshotClassFailed', problem: expect.stringContaining('(usual, other): leave one') },
    },
    { name: 'without a class, of no default', group: byDefault, view: noClass, plan: { reason: 'SetDefaultGroupSnapshotClassFailed' } },
    {
      name: 'without a class, of two drivers',
      group: byDefault,
      view: { ...noClass, selected: () => ok([selected('a'), selected('b', 'other.example')]) },
      plan: { reason: 'SetDefaultGroupSnapshotClassFailed', problem: expect.stringContaining('a group is of one driver') },
    },
    { name: 'of a class that is not there', group, view: noClass, plan: { reason: 'GetGroupSnapshotClassFailed' } },
    {
      name: 'of a class of another driver',
      group,
      view: { ...fine, groupClass: stored('groups', 'other.example') },
      plan: { reason: 'GroupSnapshotContentCreationFailed', problem: expect.stringContaining('"other.example"') },
    },
    {
      name: 'whose selector is wrong',
      group,
      view: { ...fine, selected: () => fail('"Near" is not a valid label selector operator') },
      plan: { reason: 'GroupSnapshotValidationError', problem: expect.stringContaining('spec.source.selector: "Near" is not') },
    },
    { name: 'that matches none', group, view: of(), plan: { problem: expect.stringContaining('matches no claim of this namespace') } },
    {
      name: 'of which one is not bound',
      group,
      view: of(selected('a'), { claim: aStoredClaim({ name: 'b' }), volume: undefined }),
      plan: { problem: 'the claim "b" is not yet bound to a PersistentVolume: it is waited for' },
    },
    {
      name: 'of which one is being deleted',
      group,
      view: of({ ...bare, claim: aStoredClaim({ name: 'b', volumeName: 'pv-b', status: { phase: 'Bound' }, deletionTimestamp }) }),
      plan: { problem: expect.stringContaining('"b" is being deleted') },
    },
    {
      name: 'of which one has a volume of no driver',
      group,
      view: of({ ...bare, volume: aStoredVolume({ claim: bare.claim }) }),
      plan: { problem: expect.stringContaining('no CSI volume') },
    },
    {
      name: 'whose content is of another group',
      group,
      view: {
        ...fine,
        content: aStoredGroupContent({ spec: { volumeGroupSnapshotRef: { name: 'all', namespace: 'default', uid: 'u-old' } } }),
      },
      plan: { reason: 'GroupSnapshotMisbound' },
    },
    {
      name: 'whose content has handles of its own',
      group,
      view: {
        ...fine,
        content: aStoredGroupContent({
          spec: { source: { groupSnapshotHandles: { volumeGroupSnapshotHandle: 'g', volumeSnapshotHandles: [] } } },
        }),
      },
      plan: { reason: 'GroupSnapshotHandleSet' },
    },
    {
      name: 'that was ready and lost its content',
      group: aStoredGroup({ metadata, status: { readyToUse: true } }),
      view: fine,
      plan: { reason: 'GroupSnapshotContentMissing' },
    },
  ])('$name', ({ group: given, view, plan }) => {
    expect(planGroup(given, view)).toMatchObject(plan);
  });
});

describe('SNAP-8: a group that names its content', () => {
  const imported = aStoredGroup({ metadata, spec: { source: { volumeGroupSnapshotContentName: 'kept' } } });
  const given = { groupSnapshotHandles: { volumeGroupSnapshotHandle: 'g-9', volumeSnapshotHandles: ['s-9'] } };
  const kept = (ref: object): GroupView => ({
    ...fine,
    content: aStoredGroupContent({ metadata: { name: 'kept' }, spec: { source: given, volumeGroupSnapshotRef: ref } }),
  });
  it.each([
    { name: 'is not there', view: fine, plan: { reason: 'GroupSnapshotContentMissing' } },
    { name: 'is of volumes', view: { ...fine, content }, plan: { reason: 'GroupSnapshotContentMismatch' } },
    { name: 'is for another name', view: kept({ name: 'some', namespace: 'default' }), plan: { reason: 'GroupSnapshotContentMisbound' } },
    { name: 'is for another namespace', view: kept({ name: 'all', namespace: 'shop' }), plan: { reason: 'GroupSnapshotContentMisbound' } },
    { name: 'is free', view: kept({ name: 'all', namespace: 'default' }), plan: { kind: 'bind' } },
    { name: 'is its own', view: kept({ name: 'all', namespace: 'default', uid: 'u-all' }), plan: { kind: 'report' } },
    {
      name: 'was of one of that name before',
      view: kept({ name: 'all', namespace: 'default', uid: 'u-old' }),
      plan: { reason: 'GroupSnapshotContentMisbound' },
    },
  ])('which $name', ({ view, plan }) => {
    expect(planGroup(imported, view)).toMatchObject(plan);
  });
});

describe('SNAP-8: a group that is to go', () => {
  const going = aStoredGroup({ metadata: { ...metadata, deletionTimestamp } });
  const told = { annotations: { [GROUP_BEING_DELETED]: 'yes' } };
  const member = { snapshot: aStoredSnapshot({ metadata: { deletionTimestamp } }), content: undefined };
  const living = { snapshot: aStoredSnapshot(), content: undefined };
  it.each([
    {
      name: 'stays while a claim is made from a member',
      view: { ...fine, content, members: [living], restores: [aStoredClaim({ name: 'back' })] },
      plan: { kind: 'hold', problem: expect.stringContaining('claims back') },
    },
    {
      name: 'lets nothing more be made of its members',
      view: { ...fine, content, members: [living, member] },
      plan: { kind: 'deleteMembers' },
    },
    { name: 'then tells its content', view: { ...fine, content, members: [member] }, plan: { kind: 'markContent' } },
    {
      name: 'takes its content along',
      view: { ...fine, content: aStoredGroupContent({ metadata: told }), members: [member] },
      plan: { kind: 'deleteContent' },
    },
    {
      name: 'stays with its members while its driver still has it',
      view: { ...fine, content: aStoredGroupContent({ metadata: { ...told, deletionTimestamp } }), members: [member] },
      plan: { kind: 'leave' },
    },
    { name: 'lets its members go when its content is gone', view: { ...fine, members: [member] }, plan: { kind: 'releaseMembers' } },
    {
      name: 'lets its members go when its content is kept',
      view: { ...fine, content: aStoredGroupContent({ metadata: told, spec: { deletionPolicy: 'Retain' } }), members: [member] },
      plan: { kind: 'releaseMembers' },
    },
    { name: 'goes last', view: fine, plan: { kind: 'release' } },
  ])('$name', ({ view, plan }) => {
    expect(planGroup(going, view)).toMatchObject(plan);
  });
});
