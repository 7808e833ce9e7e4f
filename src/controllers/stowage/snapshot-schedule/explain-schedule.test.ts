import { afterEach, describe, expect, it } from 'vitest';
import { type SnapshotSchedule, snapshotSchedules, volumeSnapshotClasses } from '#api/generated/definitions.ts';
import { tell, type ToldExplanation } from '#api/explanation.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aSnapshotClass } from '#testing/builders/snapshot.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';
import { scheduleExplainer } from './explain-schedule.ts';

const key = { namespace: 'default', name: 'hourly' };
const HOUR_MS = 3_600_000;
const DEFAULT = { 'snapshot.storage.kubernetes.io/is-default-class': 'true' };

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

async function start(spec: Partial<SnapshotSchedule['spec']> = {}): Promise<void> {
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] });
  bench = await startStorageBench({ drivers: { 'local.stowage.dev': driver }, snapshots: true });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass({ metadata: { name: 'snaps', annotations: DEFAULT } }));
  await bench.createClaim(aClaim({ name: 'one', storageClassName: 'fast', labels: { app: 'shop' } }));
  await bench.idle();
  await bench.client.create(snapshotSchedules, {
    metadata: { name: 'hourly', namespace: 'default' },
    spec: { schedule: '@every 1h', selector: { matchLabels: { app: 'shop' } }, ...spec },
  });
  await bench.idle();
}

async function explain(): Promise<ToldExplanation> {
  const see = () => Promise.reject(new TypeError('of the cluster nothing is asked'));
  return tell(await scheduleExplainer.explain(key, { client: bench.client, see }), 'en');
}

describe('SNAP-8: why a schedule is as it is', () => {
  it('is told of one that is well: its next time, its runs and what it took', async () => {
    await start();
    expect(await explain()).toMatchObject({
      state: 'fine',
      summary: expect.stringMatching(/takes its next snapshots at \S+Z$/),
      findings: [],
    });
    await bench.step(HOUR_MS + 1_000);
    const { state, findings } = await explain();
    expect([state, findings.map(({ text }) => text.replaceAll(/\S+Z/g, 'then'))]).toEqual([
      'fine',
      ['last run then, last success then', 'is ready'],
    ]);
  });

  it.each([
    { name: 'is suspended', spec: { suspend: true }, state: 'fine', summary: 'is suspended: it takes nothing' },
    {
      name: 'selects nothing',
      spec: { selector: { matchLabels: { app: 'x' } } },
      state: 'blocked',
      summary: 'matches no bound claim of this namespace',
    },
    { name: 'has no time', spec: { schedule: '0 3 * *' }, state: 'blocked', summary: 'no time can be read from it' },
  ])('is told of one that $name', async ({ spec, state, summary }) => {
    await start(spec);
    expect(await explain()).toMatchObject({ state, summary: expect.stringContaining(summary) });
  });

  it('is told of one whose driver refuses, in its words', async () => {
    await start();
    driver.beforeSnapshot = () => Promise.reject(driverError('ResourceExhausted', 'no room'));
    await bench.step(HOUR_MS + 1_000);
    await bench.step(60_000);
    expect(await explain()).toMatchObject({ state: 'blocked', summary: expect.stringContaining('no room') });
  });

  it('of one that there is not nothing is told', async () => {
    await start();
    await bench.client.delete(snapshotSchedules, key);
    expect((await explain()).summary).toBe('snapshotschedule default/hourly does not exist');
  });
});
