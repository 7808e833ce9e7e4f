import { afterEach, describe, expect, it } from 'vitest';
import { type VolumeRollback, volumeRollbacks, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import { tell, type ToldExplanation } from '#api/explanation.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import { rollbackExplainer } from './explain-rollback.ts';

const key = { namespace: 'default', name: 'back' };

let bench: StorageBench;
afterEach(() => bench.close());

async function start(): Promise<void> {
  const driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({ drivers: { 'local.stowage.dev': driver }, snapshots: true });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass());
  await bench.createClaim(aClaim({ storageClassName: 'fast' }));
  await bench.idle();
  await bench.client.create(volumeSnapshots, aSnapshot());
  await bench.idle();
}

async function rollBack(volumeSnapshotName = 'one'): Promise<void> {
  const spec: VolumeRollback['spec'] = { claims: [{ claimName: 'data', volumeSnapshotName }] };
  await bench.client.create(volumeRollbacks, { metadata: { name: 'back', namespace: 'default' }, spec });
  await bench.idle();
}

async function decide(decision: 'Confirm' | 'Undo'): Promise<void> {
  await bench.client.patch(volumeRollbacks, { key, patch: { type: 'merge', body: { spec: { decision } } } });
  await bench.idle();
}

async function explain(): Promise<ToldExplanation> {
  const see = () => Promise.reject(new TypeError('of the cluster nothing is asked'));
  return tell(await rollbackExplainer.explain(key, { client: bench.client, see }), 'en');
}

describe('SNAP-9: why a rollback is as it is', () => {
  it('is told of one that waits: for whom, who is stopped, and that it can be taken back', async () => {
    await start();
    expect((await explain()).summary).toBe('volumerollback default/back does not exist');
    const ownerReferences = [{ apiVersion: 'vendor.example/v1', kind: 'Database', name: 'db', uid: 'u', controller: true }];
    const pod = aPod({ name: 'db-0', spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] } });
    await bench.createPod({ ...pod, metadata: { ...pod.metadata, ownerReferences } });
    await rollBack();
    const told = await explain();
    expect(told).toMatchObject({
      state: 'busy',
      summary: 'volumerollback default/back waits (Stopping): stop them yourself, they are not known here: pod db-0 of Database db',
    });
    expect(told.remedies.join()).toContain('{"spec":{"decision":"Undo"}}');
    expect(told.findings[0]?.text).toMatch(/^to snapshot one: volume pvc-\S+ before, pvc-\S+ after$/);
  });

  it.each([
    { decision: 'Confirm', summary: 'volumerollback default/back is confirmed: the volumes of before are given up' },
    { decision: 'Undo', summary: 'volumerollback default/back is undone: the claims have their volumes of before' },
  ] as const)('is told of one that is to be decided, and was: $decision', async ({ decision, summary }) => {
    await start();
    await rollBack();
    expect(await explain()).toMatchObject({
      state: 'fine',
      summary: expect.stringContaining('are kept until it is decided'),
      remedies: [expect.stringContaining('kubectl patch vrb back -n default')],
    });
    await decide(decision);
    expect(await explain()).toMatchObject({ state: 'fine', summary, remedies: [] });
  });

  it('is told of one that was refused', async () => {
    await start();
    await rollBack('none');
    expect(await explain()).toMatchObject({
      state: 'blocked',
      summary: expect.stringMatching(/was refused, nothing was begun: snapshot "none": there is none/),
      remedies: ['do what it says, then make another VolumeRollback'],
    });
  });
});
