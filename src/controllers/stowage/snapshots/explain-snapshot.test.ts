import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { volumeSnapshotContents, volumeSnapshots } from '#api/generated/definitions.ts';
import type { Event } from '#api/generated/kubernetes.ts';
import { tell, type ToldExplanation } from '#api/explanation.ts';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { events, persistentVolumeClaims } from '#api/resources.ts';
import { BEING_DELETED, CONTENT_FINALIZER, SNAPSHOT_SOURCE_FINALIZER } from '#api/storage/snapshot.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { establish } from '#testing/builders/definition.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { contentExplainer } from './explain-content.ts';
import { snapshotExplainer } from './explain-snapshot.ts';

const key = { namespace: 'default', name: 'one' };
const contentKey = { namespace: '', name: 'kept' };
const failed = { readyToUse: false, error: { message: 'Failed to create snapshot: no room' } };

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({ kinds: BUILT_IN_KINDS });
  for (const definition of definitionsOf('snapshot.storage.k8s.io')) await establish(api.client, definition);
});
afterEach(async () => api.close());

async function make<K extends KubeObject>(resource: Resource<K>, draft: Draft<K>, status?: object): Promise<K> {
  const made = await api.client.create(resource, draft);
  if (status === undefined) return made;
  const of = { namespace: made.metadata.namespace ?? '', name: made.metadata.name };
  return api.client.patch(resource, { key: of, patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
}

const snapshot = (status?: object, metadata: object = {}) =>
  make(
    volumeSnapshots,
    {
      metadata: { ...key, finalizers: [SNAPSHOT_SOURCE_FINALIZER], ...metadata },
      spec: { source: { persistentVolumeClaimName: 'data' } },
    },
    status,
  );

const content = (status?: object, { uid, ...metadata }: { readonly uid?: string; readonly annotations?: Record<string, string> } = {}) =>
  make(
    volumeSnapshotContents,
    {
      metadata: { ...contentKey, finalizers: [CONTENT_FINALIZER], ...metadata },
      spec: {
        driver: 'disk.example',
        deletionPolicy: 'Delete',
        source: { snapshotHandle: 's-1' },
        volumeSnapshotRef: { ...key, ...(uid === undefined ? {} : { uid }) },
      },
    },
    status,
  );

async function warn({ apiVersion, kind, metadata }: KubeObject, reason: string, message: string): Promise<Event> {
  const { name, uid, namespace = 'default' } = metadata;
  return api.client.create(events, {
    metadata: { name: `${name}.${reason.toLowerCase()}`, namespace },
    involvedObject: { apiVersion, kind, name, uid, ...(metadata.namespace === undefined ? {} : { namespace }) },
    type: 'Warning',
    reason,
    message,
  });
}

async function explain(
  { explain: ask }: KindExplainer,
  of: { readonly namespace: string; readonly name: string },
): Promise<ToldExplanation> {
  const see = () => Promise.reject(new TypeError('of the cluster nothing is asked'));
  const explanation = await ask(of, { client: api.client, see });
  expect(tell(explanation, 'zh').summary).not.toBe(tell(explanation, 'en').summary);
  return tell(explanation, 'en');
}

describe('SNAP-1: a snapshot', () => {
  it('that is not there, is being taken, is ready', async () => {
    expect(await explain(snapshotExplainer, key)).toMatchObject({ state: 'blocked', summary: 'volumesnapshot default/one does not exist' });
    await snapshot();
    expect(await explain(snapshotExplainer, key)).toMatchObject({ state: 'busy', summary: 'volumesnapshot default/one is being taken' });
  });

  it('that is ready tells its size, its time and where it is', async () => {
    await content({ snapshotHandle: 's-1', readyToUse: true });
    const creationTime = '2026-01-01T00:00:00Z';
    await snapshot({ readyToUse: true, restoreSize: '1Gi', creationTime, boundVolumeSnapshotContentName: 'kept' });
    expect(await explain(snapshotExplainer, key)).toMatchObject({
      state: 'fine',
      summary: 'volumesnapshot default/one is ready: claims can be made from it',
      findings: [
        { text: 'holds 1Gi, taken 2026-01-01T00:00:00Z' },
        { subject: 'volumesnapshotcontent kept', text: 'at the driver disk.example as s-1' },
      ],
    });
  });

  it('that can not be taken says why, with the events about it and its content', async () => {
    await warn(await content(), 'SnapshotCreationFailed', 'no room');
    await warn(await snapshot({ ...failed, boundVolumeSnapshotContentName: 'kept' }), 'GetSnapshotClassFailed', 'no class');
    expect(await explain(snapshotExplainer, key)).toMatchObject({
      state: 'blocked',
      summary: 'volumesnapshot default/one is not ready: Failed to create snapshot: no room',
      findings: [
        { subject: 'volumesnapshotcontent kept' },
        { subject: 'event GetSnapshotClassFailed', text: 'no class' },
        { subject: 'event SnapshotCreationFailed', text: 'no room' },
      ],
      remedies: ['do what the reason says; it is tried again by itself'],
    });
  });

  it('that is to go says which claims are made from it', async () => {
    await snapshot();
    await api.client.delete(volumeSnapshots, key);
    expect((await explain(snapshotExplainer, key)).summary).toContain('is being deleted: its driver has it still');
    const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'one' };
    await api.client.create(persistentVolumeClaims, aClaim({ name: 'back', spec: { dataSource } }));
    expect(await explain(snapshotExplainer, key)).toMatchObject({
      state: 'blocked',
      summary: 'volumesnapshot default/one is to be deleted, and stays while claims are made from it',
      remedies: ['wait until the claims have their volumes, or delete them: back'],
    });
  });

  it('SNAP-8: that is to go and is a member names its group', async () => {
    const owner = { apiVersion: 'groupsnapshot.storage.k8s.io/v1', kind: 'VolumeGroupSnapshot', name: 'all', uid: 'u' };
    await snapshot(undefined, { ownerReferences: [owner] });
    await api.client.delete(volumeSnapshots, key);
    expect(await explain(snapshotExplainer, key)).toMatchObject({ state: 'blocked', remedies: ['kubectl delete volumegroupsnapshot all'] });
  });
});

describe('SNAP-2: a content', () => {
  it('that nobody has says how it is had', async () => {
    await content();
    expect(await explain(contentExplainer, contentKey)).toMatchObject({
      state: 'blocked',
      summary: 'volumesnapshotcontent kept is not bound: no snapshot default/one has named it yet',
      remedies: ['create VolumeSnapshot default/one whose spec.source.volumeSnapshotContentName is kept'],
    });
  });

  it.each([
    { status: { readyToUse: true }, state: 'fine', says: 'is ready' },
    { status: undefined, state: 'busy', says: 'is being taken' },
    { status: failed, state: 'blocked', says: 'is not ready: Failed to create snapshot: no room' },
  ])('that is bound: $says', async ({ status, state, says }) => {
    await content(status, { uid: 'u' });
    expect(await explain(contentExplainer, contentKey)).toMatchObject({ state, summary: expect.stringContaining(says) });
  });

  it('that is deleted waits for its snapshot, then for its driver', async () => {
    await content({ snapshotHandle: 's-1' }, { uid: 'u' });
    await api.client.delete(volumeSnapshotContents, contentKey);
    expect(await explain(contentExplainer, contentKey)).toMatchObject({
      state: 'blocked',
      summary: 'volumesnapshotcontent kept is to be deleted, and stays as long as volumesnapshot default/one does',
      remedies: ['delete volumesnapshot default/one'],
    });
    const body = { metadata: { annotations: { [BEING_DELETED]: 'yes' } } };
    const told = await api.client.patch(volumeSnapshotContents, { key: contentKey, patch: { type: 'merge', body } });
    expect((await explain(contentExplainer, contentKey)).state).toBe('busy');
    await warn(told, 'SnapshotDeleteError', 'busy');
    expect(await explain(contentExplainer, contentKey)).toMatchObject({ state: 'blocked', findings: [{}, {}, { text: 'busy' }] });
  });
});
