import { afterEach, expect, it } from 'vitest';
import { volumeGroupSnapshotClasses, volumeGroupSnapshots, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import { tell, type ToldExplanation } from '#api/explanation.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aGroup, aGroupClass, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import { groupExplainer } from './explain-group.ts';

const DRIVER = 'local.stowage.dev';
const key = { namespace: 'default', name: 'all' };

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT'], groups: 'taken' });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true });
  await bench.createClass(aClass());
  await bench.client.create(volumeGroupSnapshotClasses, aGroupClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  for (const name of ['a', 'b']) await bench.createClaim(aClaim({ name, storageClassName: 'fast', labels: { app: 'db' } }));
  await bench.idle();
}

async function explain(): Promise<ToldExplanation> {
  const see = () => Promise.reject(new TypeError('of the cluster nothing is asked'));
  return tell(await groupExplainer.explain(key, { client: bench.client, see }), 'en');
}

it('SNAP-8: a group says how each member is, and why it can not be taken in the words of its controller', async () => {
  await start();
  expect((await explain()).summary).toBe('volumegroupsnapshot default/all does not exist');
  driver.groupSnapshots.before = () => Promise.reject(driverError('ResourceExhausted', 'no room'));
  await bench.client.create(volumeGroupSnapshots, aGroup());
  await bench.idle();
  expect(await explain()).toMatchObject({
    state: 'blocked',
    summary: expect.stringContaining('is not ready: Failed to create group snapshot: rpc error: code = ResourceExhausted desc = no room'),
  });
  driver.groupSnapshots.before = async () => {};
  await bench.step(300_000);
  const told = await explain();
  expect(told).toMatchObject({ state: 'fine', summary: 'volumegroupsnapshot default/all is ready: claims can be made from it' });
  expect(told.findings.map(({ subject, text }) => `${subject.replace(/snapshot-\w+/, 'it')} ${text}`).toSorted()).toEqual([
    'volumesnapshot it of a is ready',
    'volumesnapshot it of b is ready',
  ]);
});

it('SNAP-8: a group that is to go says which claims are made from its members', async () => {
  await start();
  await bench.client.create(volumeGroupSnapshots, aGroup());
  await bench.idle();
  const [member] = (await bench.client.list(volumeSnapshots)).items;
  driver.beforeCreate = () => Promise.reject(driverError('Unavailable', 'later'));
  const dataSource = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: member?.metadata.name ?? '' };
  await bench.createClaim(aClaim({ name: 'back', storageClassName: 'fast', spec: { dataSource } }));
  await bench.client.delete(volumeGroupSnapshots, key);
  await bench.idle();
  expect(await explain()).toMatchObject({
    state: 'blocked',
    remedies: ['wait until the claims have their volumes, or delete them: back'],
  });
});
