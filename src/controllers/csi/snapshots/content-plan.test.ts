import { expect, it } from 'vitest';
import { BEING_CREATED, BEING_DELETED, CONTENT_FINALIZER, GROUP_HANDLE } from '#api/storage/snapshot.ts';
import { aStoredContent } from '#testing/builders/snapshot.ts';
import { planContent } from './content-plan.ts';

const finalizers = [CONTENT_FINALIZER];
const deletionTimestamp = '2026-01-01T00:00:00Z';
const taken = { snapshotHandle: 'snap-1', readyToUse: true };
const marked = (...names: readonly string[]): Record<string, string> => Object.fromEntries(names.map((name) => [name, 'yes']));
const given = { source: { snapshotHandle: 'snap-9' } };
const nobodys = { volumeSnapshotRef: { name: 'one', namespace: 'default' } };
const loose = { ...given, volumeSnapshotRef: { name: 'one', namespace: 'default' } };

it.each([
  { name: 'new', content: aStoredContent(), plan: { kind: 'protect' } },
  { name: 'protected', content: aStoredContent({ metadata: { finalizers } }), plan: { kind: 'create', volumeId: 'vol-1' } },
  {
    name: 'made by a person of a volume, for no snapshot',
    content: aStoredContent({ metadata: { finalizers }, spec: nobodys }),
    plan: { kind: 'refuse', problem: expect.stringContaining('spec.volumeSnapshotRef has no uid') },
  },
  {
    name: 'made by a person of a volume, for no snapshot, and deleted',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(BEING_CREATED) }, spec: nobodys }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'taken, not ready',
    content: aStoredContent({ metadata: { finalizers }, status: { ...taken, readyToUse: false } }),
    plan: { kind: 'create', volumeId: 'vol-1' },
  },
  { name: 'ready', content: aStoredContent({ metadata: { finalizers }, status: taken }), plan: { kind: 'leave' } },
  {
    name: 'ready, and still marked',
    content: aStoredContent({ metadata: { finalizers, annotations: marked(BEING_CREATED) }, status: taken }),
    plan: { kind: 'settle' },
  },
  {
    name: 'given by a person',
    content: aStoredContent({ metadata: { finalizers }, spec: given }),
    plan: { kind: 'check', snapshotId: 'snap-9' },
  },
  {
    name: 'of a group',
    content: aStoredContent({ metadata: { annotations: { [GROUP_HANDLE]: 'g' } } }),
    plan: { kind: 'leave' },
  },
  {
    name: 'of a group, deleted with it',
    content: aStoredContent({
      metadata: { finalizers, deletionTimestamp, annotations: { ...marked(BEING_DELETED), [GROUP_HANDLE]: 'g' } },
    }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'of a group, deleted while that is there',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp, annotations: { [GROUP_HANDLE]: 'g' } } }),
    plan: { kind: 'leave' },
  },
  {
    name: 'deleted while its snapshot is there',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp }, status: taken }),
    plan: { kind: 'leave' },
  },
  {
    name: 'deleted with its snapshot',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(BEING_DELETED) }, status: taken }),
    plan: { kind: 'delete', snapshotId: 'snap-1' },
  },
  {
    name: 'deleted with its snapshot, Retain',
    content: aStoredContent({
      metadata: { finalizers, deletionTimestamp, annotations: marked(BEING_DELETED) },
      spec: { deletionPolicy: 'Retain' },
      status: taken,
    }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'deleted while its driver may be at work',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(BEING_CREATED, BEING_DELETED) } }),
    plan: { kind: 'create', volumeId: 'vol-1' },
  },
  {
    name: 'deleted before its driver was asked',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp, annotations: marked(BEING_DELETED) } }),
    plan: { kind: 'letGo' },
  },
  {
    name: 'given by a person, deleted before anybody had it',
    content: aStoredContent({ metadata: { finalizers, deletionTimestamp }, spec: loose }),
    plan: { kind: 'delete', snapshotId: 'snap-9' },
  },
  {
    name: 'let go',
    content: aStoredContent({ metadata: { deletionTimestamp, annotations: marked(BEING_DELETED) }, status: taken }),
    plan: { kind: 'leave' },
  },
])('SNAP-1: a content that is $name', ({ content, plan }) => {
  expect(planContent(content)).toEqual(plan);
});
