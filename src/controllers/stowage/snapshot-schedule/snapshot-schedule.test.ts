import { afterEach, describe, expect, it } from 'vitest';
import {
  type SnapshotSchedule,
  snapshotSchedules,
  volumeGroupSnapshotClasses,
  volumeGroupSnapshots,
  volumeRollbacks,
  volumeSnapshotClasses,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { Metrics } from '#kit/metrics.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aSnapshot, aSnapshotClass } from '#testing/builders/snapshot.ts';
import { FakeDriver } from '#testing/fakes/fake-driver.ts';
import { type StorageBench, startStorageBench } from '#testing/storage-bench.ts';

const DRIVER = 'local.stowage.dev';
const HOUR_MS = 3_600_000;
const key = { namespace: 'default', name: 'hourly' };

let bench: StorageBench;
let driver: FakeDriver;
afterEach(() => bench.close());

let metrics: Metrics;

async function start(spec: Partial<SnapshotSchedule['spec']> = {}): Promise<void> {
  metrics = new Metrics();
  driver = new FakeDriver({ capabilities: ['CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'], groups: 'taken' });
  bench = await startStorageBench({ drivers: { [DRIVER]: driver }, snapshots: true, metrics });
  await bench.createClass(aClass());
  await bench.client.create(volumeSnapshotClasses, aSnapshotClass({ metadata: { name: 'snaps', annotations: DEFAULT } }));
  await bench.client.create(volumeGroupSnapshotClasses, { metadata: { name: 'groups' }, driver: DRIVER, deletionPolicy: 'Delete' });
  for (const name of ['one', 'two']) await bench.createClaim(aClaim({ name, storageClassName: 'fast', labels: { app: 'shop' } }));
  await bench.createClaim(aClaim({ name: 'other', storageClassName: 'fast' }));
  await bench.idle();
  await bench.client.create(snapshotSchedules, {
    metadata: { name: 'hourly', namespace: 'default' },
    spec: { schedule: '@every 1h', selector: { matchLabels: { app: 'shop' } }, ...spec },
  });
  await bench.idle();
}

const DEFAULT = { 'snapshot.storage.kubernetes.io/is-default-class': 'true' };

async function hours(count: number): Promise<void> {
  for (let hour = 0; hour < count; hour += 1) {
    await bench.step(HOUR_MS);
    await bench.step(1_000);
  }
}

async function status(): Promise<SnapshotSchedule['status']> {
  return (await bench.client.get(snapshotSchedules, key)).status;
}

/** The claims that there are snapshots of, one word each. */
async function taken(): Promise<readonly string[]> {
  const { items } = await bench.client.list(volumeSnapshots);
  return items.map(({ spec }) => spec.source.persistentVolumeClaimName ?? '').toSorted();
}

describe('a schedule of snapshots', () => {
  it('SNAP-8: takes one of each claim that it selects at its times, and keeps so many of each', async () => {
    await start({ keep: { count: 2 } });
    expect(await taken()).toEqual([]);
    await hours(1);
    expect(await taken()).toEqual(['one', 'two']);
    await hours(3);
    expect(await taken()).toEqual(['one', 'one', 'two', 'two']);
    expect(driver.snapshots.size).toBe(4);
    const { lastScheduleTime, nextScheduleTime, snapshots, missedRuns } = (await status()) ?? {};
    expect(Date.parse(nextScheduleTime ?? '') - Date.parse(lastScheduleTime ?? '')).toBe(HOUR_MS);
    expect([snapshots, missedRuns]).toEqual([4, undefined]);
  });

  it('SNAP-8: keeps them for a time, and the newest always', async () => {
    await start({ keep: { age: '2h' } });
    await hours(5);
    expect((await taken()).filter((name) => name === 'one').length).toBeLessThanOrEqual(3);
    await bench.client.patch(snapshotSchedules, { key, patch: { type: 'merge', body: { spec: { suspend: true } } } });
    await hours(6);
    expect(await taken()).toEqual(['one', 'two']);
  });

  it('SNAP-8: never begins a run while one before it is not done, and begins it when that is', async () => {
    await start();
    driver.areSnapshotsReady = false;
    await hours(2);
    expect(await taken()).toEqual(['one', 'two']);
    expect(bench.toldAbout('hourly').join()).toContain('of the one before is not ready');
    driver.areSnapshotsReady = true;
    await bench.step(400_000);
    expect(await taken()).toEqual(['one', 'one', 'two', 'two']);
  });

  it.each([
    { what: 'the last one that was missed is made up for, once', spec: {}, expected: ['one', 'two'], missedRuns: 4 },
    { what: 'one that is later than its deadline is not', spec: { startingDeadlineSeconds: 60 }, expected: [], missedRuns: undefined },
  ])('SNAP-8: after a long stop $what', async ({ spec, expected, missedRuns }) => {
    await start(spec);
    await bench.halt();
    await bench.step(5 * HOUR_MS + HOUR_MS / 2);
    await bench.restart();
    await bench.step(1);
    expect([await taken(), (await status())?.missedRuns]).toEqual([expected, missedRuns]);
  });

  it('SNAP-8: a run that a crash cut off is finished, and nothing is taken twice', async () => {
    await start();
    const one = (await bench.client.list(snapshotSchedules)).items[0];
    const atMs = Date.parse(one?.metadata.creationTimestamp ?? '') + HOUR_MS;
    await bench.client.create(volumeSnapshots, {
      ...aSnapshot({ name: `hourly-one-${atMs / 1_000}`, spec: { source: { persistentVolumeClaimName: 'one' } } }),
    });
    await hours(1);
    expect(await taken()).toEqual(['one', 'two']);
  });

  it('SNAP-8: what a claim is to go back to is not let go', async () => {
    await start({ keep: { count: 1 } });
    await hours(1);
    const first = (await bench.client.list(volumeSnapshots)).items.find(({ spec }) => spec.source.persistentVolumeClaimName === 'one');
    driver.beforeCreate = () => Promise.reject(new Error('not now'));
    const claims = [{ claimName: 'one', volumeSnapshotName: first?.metadata.name ?? '' }];
    await bench.client.create(volumeRollbacks, { metadata: { name: 'back', namespace: 'default' }, spec: { claims } });
    await bench.idle();
    await hours(2);
    const names = (await bench.client.list(volumeSnapshots)).items.map(({ metadata }) => metadata.name);
    expect(names).toContain(first?.metadata.name);
    expect(names).toHaveLength(3);
  });

  it('SNAP-8: takes all claims at one moment, as a group', async () => {
    await start({ asGroup: true, volumeGroupSnapshotClassName: 'groups', keep: { count: 1 } });
    await hours(3);
    const groups = (await bench.client.list(volumeGroupSnapshots)).items;
    expect(groups.map(({ status: said }) => said?.readyToUse)).toEqual([true]);
    expect(await taken()).toEqual(['one', 'two']);
  });

  it.each([
    [{ schedule: 'every day' }, 'spec.schedule "every day": no time can be read from it'],
    [{ schedule: '0 3 * * *', timeZone: 'Mars/Olympus' }, 'spec.schedule "0 3 * * *" in Mars/Olympus: no time can be read from it'],
    [{ selector: { matchLabels: { app: 'none' } } }, 'spec.selector matches no bound claim'],
  ])('SNAP-8: %j is told', async (spec, words) => {
    await start(spec);
    await hours(1);
    expect((await status())?.message).toContain(words);
  });

  it.each([
    [{ keep: { age: '1 week' } }, 'spec.keep.age'],
    [{ keep: { count: 0 } }, 'spec.keep.count'],
    [{ volumeGroupSnapshotClassName: 'g' }, 'goes with asGroup: true'],
    [{ asGroup: true, volumeSnapshotClassName: 's' }, 'with asGroup the class is that of the group'],
  ])('SNAP-8: %j is refused', async (spec, words) => {
    await expect(start(spec)).rejects.toThrow(words);
  });
});

it('SNAP-8: counts what becomes of the times of schedules', async () => {
  await start();
  await hours(1);
  await bench.halt();
  await bench.step(3 * HOUR_MS);
  await bench.restart();
  const lines = metrics.render().split('\n');
  expect(lines.filter((line) => line.startsWith('stowage_snapshot_schedule_runs_total')).toSorted()).toEqual([
    'stowage_snapshot_schedule_runs_total{result="begun"} 2',
    'stowage_snapshot_schedule_runs_total{result="missed"} 2',
  ]);
});
