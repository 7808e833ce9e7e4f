import { expect, it } from 'vitest';
import { GROUP_BEING_CREATED, GROUP_BEING_DELETED, GROUP_CONTENT_FINALIZER } from '#api/storage/group-snapshot.ts';
import { aStoredGroupContent } from '#testing/builders/snapshot.ts';
import { planGroupContent } from './group-content-plan.ts';

const finalizers = [GROUP_CONTENT_FINALIZER];
const deletionTimestamp = '2026-01-01T00:00:00Z';
const marked = (...names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, 'yes']));
const taken = {
  volumeGroupSnapshotHandle: 'g-1',
  readyToUse: true,
  volumeSnapshotInfoList: [
    { volumeHandle: 'vol-1', snapshotHandle: 's-1' },
    { volumeHandle: 'vol-2', snapshotHandle: 's-2' },
  ],
};
const handles = { groupId: 'g-1', snapshotIds: ['s-1', 's-2'] };
const given = { source: { groupSnapshotHandles: { volumeGroupSnapshotHandle: 'g-9', volumeSnapshotHandles: ['s-8', 's-9'] } } };
const givenHandles = { groupId: 'g-9', snapshotIds: ['s-8', 's-9'] };
const nobodys = { volumeGroupSnapshotRef: { name: 'all', namespace: 'default' } };

it.each([
  { name: 'new', content: aStoredGroupContent(), plan: { kind: 'protect' } },
  {
    name: 'protected',
    content: aStoredGroupContent({ metadata: { finalizers } }),
    plan: { kind: 'create', volumeIds: ['vol-1', 'vol-2'] },
  },
  {
    name: 'made by a person of volumes, for no group',
    content: aStoredGroupContent({ metadata: { finalizers }, spec: nobodys }),
    plan: { kind: 'refuse', problem: expect.stringContaining('spec.volumeGroupSnapshotRef has no uid') },
  },
  {
    name: 'made by a person of volumes, for no group, and deleted',
    content: aStoredGroupContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(GROUP_BEING_CREATED) }, spec: nobodys }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'taken, not ready',
    content: aStoredGroupContent({ metadata: { finalizers }, status: { ...taken, readyToUse: false } }),
    plan: { kind: 'create', volumeIds: ['vol-1', 'vol-2'] },
  },
  { name: 'ready', content: aStoredGroupContent({ metadata: { finalizers }, status: taken }), plan: { kind: 'leave' } },
  {
    name: 'ready, and still marked',
    content: aStoredGroupContent({ metadata: { finalizers, annotations: marked(GROUP_BEING_CREATED) }, status: taken }),
    plan: { kind: 'settle' },
  },
  {
    name: 'given by a person',
    content: aStoredGroupContent({ metadata: { finalizers }, spec: given }),
    plan: { kind: 'check', handles: givenHandles },
  },
  {
    name: 'deleted while its group is there',
    content: aStoredGroupContent({ metadata: { finalizers, deletionTimestamp }, status: taken }),
    plan: { kind: 'leave' },
  },
  {
    name: 'deleted with its group',
    content: aStoredGroupContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(GROUP_BEING_DELETED) }, status: taken }),
    plan: { kind: 'delete', handles },
  },
  {
    name: 'deleted with its group, Retain',
    content: aStoredGroupContent({
      metadata: { finalizers, deletionTimestamp, annotations: marked(GROUP_BEING_DELETED) },
      spec: { deletionPolicy: 'Retain' },
      status: taken,
    }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'deleted while its driver may be at work',
    content: aStoredGroupContent({
      metadata: { finalizers, deletionTimestamp, annotations: marked(GROUP_BEING_CREATED, GROUP_BEING_DELETED) },
    }),
    plan: { kind: 'create', volumeIds: ['vol-1', 'vol-2'] },
  },
  {
    name: 'deleted before its driver was asked',
    content: aStoredGroupContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(GROUP_BEING_DELETED) } }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'given by a person, deleted before anybody had it',
    content: aStoredGroupContent({ metadata: { finalizers, deletionTimestamp }, spec: { ...given, ...nobodys } }),
    plan: { kind: 'delete', handles: givenHandles },
  },
  {
    name: 'let go',
    content: aStoredGroupContent({ metadata: { deletionTimestamp, annotations: marked(GROUP_BEING_DELETED) }, status: taken }),
    plan: { kind: 'leave' },
  },
])('SNAP-8: the content of a group that is $name', ({ content, plan }) => {
  expect(planGroupContent(content)).toEqual(plan);
});
