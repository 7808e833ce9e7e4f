import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CronJob, CronJobSpec, Job } from '#api/generated/kubernetes.ts';
import { cronJobs, jobs } from '#api/resources.ts';
import { aTemplate } from '#testing/builders/workloads.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';
import { lastTime, parseSchedule } from './schedule.ts';

const key = { namespace: 'default', name: 'nightly' };
const at = (text: string): number => Date.parse(text);
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16));

describe('schedule', () => {
  it.each([
    { text: '*/5 * * * *', from: '2026-01-01T00:01:00Z', next: '2026-01-01T00:05' },
    { text: '5/15 * * * *', from: '2026-01-01T00:06:00Z', next: '2026-01-01T00:20' },
    { text: '0 0 1 * MON', from: '2026-01-01T00:00:00Z', next: '2026-01-05T00:00' },
    { text: '@hourly', from: '2026-01-01T00:01:00Z', next: '2026-01-01T01:00' },
    { text: '@every 1h30m', from: '2026-01-01T00:01:00Z', next: '2026-01-01T01:30' },
    { text: '0 0 31 2 *', from: '2026-01-01T00:00:00Z', next: undefined },
    { text: '30 2 * * *', zone: 'Europe/Berlin', from: '2026-01-01T12:00:00Z', next: '2026-01-02T01:30' },
  ])('$text', ({ text, zone, from, next }) => {
    expect(iso(parseSchedule(text, zone, at('2026-01-01T00:00:00Z'))?.next(at(from)))).toBe(next);
  });

  it('finds the last time that was missed, however many there were, in few steps', () => {
    const schedule = parseSchedule('* * * 1 *', undefined, 0);
    let steps = 0;
    const counting = { next: (ms: number) => ((steps += 1), schedule?.next(ms)) };
    const found = lastTime(counting, { fromMs: at('2026-01-01T00:00:00Z'), nowMs: at('2026-12-01T00:00:00Z') });
    expect([iso(found?.atMs), found?.areMany]).toEqual(['2026-01-31T23:59', true]);
    expect(steps).toBeLessThan(200);
  });
});

describe('cron job', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
  });
  afterEach(() => bench.close());

  const create = (spec: Partial<CronJobSpec> = {}): Promise<CronJob> =>
    bench.client.create(cronJobs, {
      metadata: { ...key },
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: aTemplate('1', { restartPolicy: 'Never' }) } }, ...spec },
    });
  const find = (): Promise<CronJob> => bench.client.get(cronJobs, key);
  const all = async (): Promise<readonly Job[]> => (await bench.client.list(jobs)).items;
  const endAll = async (phase: 'Succeeded' | 'Failed'): Promise<void> => {
    for (const { metadata, status } of await bench.pods())
      if (status?.phase !== 'Succeeded' && status?.phase !== 'Failed') await bench.setPodStatus(metadata.name, { phase });
  };

  it('starts a job at each time, named after it, and remembers the last', async () => {
    await create();
    await bench.step(59_000);
    expect(await all()).toEqual([]);
    await bench.step(1_000);
    const [job] = await all();
    expect(job).toMatchObject({
      metadata: { name: `nightly-${at('2026-01-01T00:01:00Z') / 60_000}`, ownerReferences: [{ kind: 'CronJob', controller: true }] },
    });
    expect((await find()).status).toMatchObject({ lastScheduleTime: '2026-01-01T00:01:00Z', active: [{ name: job?.metadata.name }] });
    await endAll('Succeeded');
    expect((await find()).status).toEqual({ lastScheduleTime: '2026-01-01T00:01:00Z', lastSuccessfulTime: '2026-01-01T00:01:00Z' });
    expect(bench.told.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['SuccessfulCreate', 'SawCompletedJob']));
  });

  it.each([
    { policy: 'Allow', expected: 3, running: 3 },
    { policy: 'Forbid', expected: 1, running: 1 },
    { policy: 'Replace', expected: 1, running: 1 },
  ])('$policy: $expected of three after three times', async ({ policy, expected }) => {
    await create({ concurrencyPolicy: policy });
    for (let minute = 0; minute < 3; minute += 1) {
      await bench.step(60_000);
      await bench.playNode();
    }
    const names = (await all()).map(({ metadata }) => metadata.name);
    expect(names).toHaveLength(expected);
    const third = `nightly-${at('2026-01-01T00:03:00Z') / 60_000}`;
    expect(names.includes(third)).toBe(policy !== 'Forbid');
  });

  it('keeps as many ended jobs as its history may have', async () => {
    await create({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 1 });
    for (const phase of ['Succeeded', 'Succeeded', 'Succeeded'] as const) {
      await bench.step(60_000);
      await endAll(phase);
    }
    await bench.playNode();
    expect(await all()).toHaveLength(1);
  });

  it('starts only the last of the times that it missed, and none beyond the deadline', async () => {
    await create({ schedule: '0 * * * *', startingDeadlineSeconds: 600 });
    await bench.client.patch(cronJobs, { key, patch: { type: 'merge', body: { spec: { suspend: true } } } });
    await bench.step(3 * 3_600_000 + 900_000);
    const resume = { type: 'merge', body: { spec: { suspend: false } } } as const;
    await bench.client.patch(cronJobs, { key, patch: resume });
    await bench.idle();
    expect(await all()).toEqual([]);
    await bench.client.patch(cronJobs, { key, patch: { type: 'merge', body: { spec: { startingDeadlineSeconds: null } } } });
    await bench.idle();
    expect((await all()).map(({ metadata }) => metadata.name)).toEqual([`nightly-${at('2026-01-01T03:00:00Z') / 60_000}`]);
  });

  it('starts no time twice after a crash', async () => {
    await create();
    await bench.step(60_000);
    await bench.client.patch(
      cronJobs,
      { key, patch: { type: 'merge', body: { status: { lastScheduleTime: null } } } },
      { subresource: 'status' },
    );
    await bench.restart();
    expect(await all()).toHaveLength(1);
    expect((await find()).status?.lastScheduleTime).toBe('2026-01-01T00:01:00Z');
  });
});
