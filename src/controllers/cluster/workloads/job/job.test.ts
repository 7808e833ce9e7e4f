import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobSpec, Pod } from '#api/generated/kubernetes.ts';
import { hasCode } from '#kit/errors.ts';
import { jobs, pods } from '#api/resources.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aTemplate } from '#testing/builders/workloads.ts';
import { formatTime } from '#kit/clock.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';
import { formatIndexes, parseIndexes } from './indexes.ts';
import { backoffLeftMs } from './plan.ts';

const key = { namespace: 'default', name: 'work' };
const template = aTemplate('1', { restartPolicy: 'Never' });

describe('indexes', () => {
  it.each([
    { indexes: [], text: '' },
    { indexes: [0], text: '0' },
    { indexes: [0, 1], text: '0,1' },
    { indexes: [1, 3, 4, 5, 7], text: '1,3-5,7' },
  ])('$text', ({ indexes, text }) => {
    expect(formatIndexes(indexes)).toBe(text);
    expect(parseIndexes(text)).toEqual(indexes);
  });
});

describe('backoffLeftMs', () => {
  const ended = (phase: string, atSec: number): Pod => aStoredPod({ status: { phase }, creationTimestamp: formatTime(atSec * 1000) });
  it.each([
    { name: 'none failed', pods: [ended('Succeeded', 100)], expected: 0 },
    { name: 'one', pods: [ended('Failed', 100)], expected: 10_000 },
    { name: 'three', pods: [ended('Failed', 80), ended('Failed', 90), ended('Failed', 100)], expected: 40_000 },
    {
      name: 'before a success they do not count',
      pods: [ended('Failed', 80), ended('Succeeded', 90), ended('Failed', 100)],
      expected: 10_000,
    },
    { name: 'never longer than ten minutes', pods: Array.from({ length: 20 }, () => ended('Failed', 100)), expected: 600_000 },
    { name: 'long ago', pods: [ended('Failed', 1)], expected: 0 },
  ])('$name', ({ pods: all, expected }) => {
    expect(backoffLeftMs(all, 100_000)).toBe(expected);
  });
});

describe('job', () => {
  let bench: WorkloadBench;
  beforeEach(async () => {
    bench = await startWorkloadBench();
  });
  afterEach(() => bench.close());

  const create = (spec: Partial<JobSpec> = {}): Promise<Job> =>
    bench.client.create(jobs, { metadata: { ...key }, spec: { template, ...spec } });
  const find = (): Promise<Job | undefined> =>
    bench.client.get(jobs, key).catch((thrown: unknown) => {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    });
  const running = async (): Promise<readonly Pod[]> =>
    (await bench.pods()).filter(
      ({ status, metadata }) =>
        metadata.deletionTimestamp === undefined && (status?.phase ?? 'Pending') !== 'Succeeded' && status?.phase !== 'Failed',
    );
  const end = async (phase: 'Succeeded' | 'Failed', count = 1): Promise<void> => {
    for (const { metadata } of (await running()).slice(0, count)) await bench.setPodStatus(metadata.name, { phase });
  };
  const conditions = async (): Promise<readonly string[]> =>
    ((await find())?.status?.conditions ?? []).filter(({ status }) => status === 'True').map(({ type, reason }) => `${type} ${reason}`);

  it('runs as many pods at a time as told until enough have succeeded, counts each once, and lets them go', async () => {
    await create({ completions: 3, parallelism: 2 });
    await bench.idle();
    expect(await running()).toHaveLength(2);
    expect((await running())[0]?.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking']);
    await end('Succeeded');
    expect(await running()).toHaveLength(2);
    await end('Succeeded', 2);
    expect((await find())?.status).toMatchObject({
      succeeded: 3,
      ready: 0,
      uncountedTerminatedPods: {},
      completionTime: expect.any(String),
    });
    expect(await conditions()).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
    const all = await bench.pods();
    expect(all).toHaveLength(3);
    expect(all.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
    expect(bench.told.map(({ reason }) => reason)).toContain('Completed');
  });

  it('lets a pod go that somebody released from it, and makes another in its place', async () => {
    await create({});
    await bench.idle();
    const [pod] = await running();
    const { name = '' } = pod?.metadata ?? {};
    const labels = {
      'batch.kubernetes.io/job-name': null,
      'batch.kubernetes.io/controller-uid': null,
      'job-name': null,
      'controller-uid': null,
    };
    const patch = { type: 'merge', body: { metadata: { labels, ownerReferences: null } } } as const;
    await bench.client.patch(pods, { key: { namespace: 'default', name }, patch });
    await bench.idle();
    expect((await bench.client.get(pods, { namespace: 'default', name })).metadata.finalizers ?? []).toEqual([]);
    expect((await running()).map(({ metadata }) => metadata.name === name)).toContain(false);
    await bench.client.delete(pods, { namespace: 'default', name }, { gracePeriodSec: 0 });
    await bench.idle();
    expect((await bench.pods()).map(({ metadata }) => metadata.name)).not.toContain(name);
  });

  it('replaces a failed pod after a pause that grows, and gives up after the limit', async () => {
    await create({ backoffLimit: 1 });
    await bench.idle();
    await end('Failed');
    expect(await running()).toHaveLength(0);
    await bench.step(10_000);
    expect(await running()).toHaveLength(1);
    await end('Failed');
    expect(await conditions()).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    expect((await find())?.status).toMatchObject({ failed: 2 });
    await bench.step(600_000);
    expect(await bench.pods()).toHaveLength(2);
  });

  it('ends what runs too long', async () => {
    await create({ activeDeadlineSeconds: 30, parallelism: 2, completions: 2 });
    await bench.playNode();
    await bench.step(30_000);
    await bench.playNode();
    expect(await conditions()).toEqual(['FailureTarget DeadlineExceeded', 'Failed DeadlineExceeded']);
    expect((await find())?.status).toMatchObject({ failed: 2, terminating: 0 });
    expect(await running()).toEqual([]);
  });

  it('numbers its pods where told, and repeats the number that failed', async () => {
    await create({ completionMode: 'Indexed', completions: 3, parallelism: 3 });
    await bench.idle();
    const [first] = await bench.pods();
    expect(first).toMatchObject({
      metadata: { annotations: { 'batch.kubernetes.io/job-completion-index': '0' } },
      spec: {
        hostname: 'work-0',
        containers: [{ env: expect.arrayContaining([expect.objectContaining({ name: 'JOB_COMPLETION_INDEX' })]) }],
      },
    });
    await bench.setPodStatus(first?.metadata.name ?? '', { phase: 'Failed' });
    await end('Succeeded', 2);
    expect((await find())?.status).toMatchObject({ succeeded: 2, failed: 1, completedIndexes: '1,2' });
    await bench.step(60_000);
    expect((await running()).map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index'])).toEqual(['0']);
    await end('Succeeded');
    expect((await find())?.status).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
  });

  it('stops and goes on, without counting what it stopped itself', async () => {
    await create({ parallelism: 2, completions: 2 });
    await bench.playNode();
    const suspend = (isSuspended: boolean): Promise<Job> =>
      bench.client.patch(jobs, { key, patch: { type: 'merge', body: { spec: { suspend: isSuspended } } } });
    await suspend(true);
    await bench.playNode();
    expect([await running(), await conditions()]).toEqual([[], ['Suspended JobSuspended']]);
    expect((await find())?.status).not.toHaveProperty('failed');
    expect((await find())?.status).not.toHaveProperty('startTime');
    await suspend(false);
    await bench.idle();
    expect(await running()).toHaveLength(2);
    expect(await conditions()).toEqual([]);
  });

  it('is deleted with its pods when its time after the end is over', async () => {
    await create({ ttlSecondsAfterFinished: 60 });
    await bench.idle();
    await end('Succeeded');
    await bench.step(59_000);
    expect(await find()).toBeDefined();
    await bench.step(2_000);
    await bench.playNode();
    expect([await find(), await bench.pods()]).toEqual([undefined, []]);
  });

  it('lets its pods go when it is deleted, and those of an earlier job of its name', async () => {
    await create();
    await bench.playNode();
    await bench.client.delete(jobs, key, { propagation: 'Background' });
    await bench.playNode();
    expect(await bench.pods()).toEqual([]);
  });

  it('counts every pod exactly once, whatever crashes', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      const stormy = await startWorkloadBench((client) => weather.wrap(client));
      weather.untilCrash = 1 + roll(15);
      await stormy.client.create(jobs, { metadata: { ...key }, spec: { template, completions: 5, parallelism: 3, backoffLimit: 100 } });
      for (let round = 0; round < 60; round += 1) {
        await stormy.idle();
        const [pod] = (await stormy.pods()).filter(({ status }) => (status?.phase ?? 'Pending') === 'Pending');
        if (pod !== undefined) await stormy.setPodStatus(pod.metadata.name, { phase: roll(4) === 0 ? 'Failed' : 'Succeeded' });
        if (weather.isDead) {
          weather.isDead = false;
          weather.untilCrash = 1 + roll(15);
          await stormy.restart();
        }
        await stormy.step(700_000);
      }
      weather.isDead = false;
      weather.untilCrash = Number.POSITIVE_INFINITY;
      await stormy.restart();
      await stormy.step(1_000);
      const all = await stormy.pods();
      const { status } = await stormy.client.get(jobs, key);
      const count = (phase: string): number => all.filter((pod) => pod.status?.phase === phase).length;
      expect({ seed, succeeded: status?.succeeded, failed: status?.failed ?? 0 }).toEqual({
        seed,
        succeeded: count('Succeeded'),
        failed: count('Failed'),
      });
      expect({ seed, succeeded: status?.succeeded }).toEqual({ seed, succeeded: 5 });
      await stormy.close();
    }
  }, 60_000);

  it('goes on with another number of pods at a time', async () => {
    await create({ completions: 10, parallelism: 1 });
    await bench.idle();
    await bench.client.patch(jobs, { key, patch: { type: 'merge', body: { spec: { parallelism: 4 } } } });
    await bench.idle();
    expect(await running()).toHaveLength(4);
    await bench.client.patch(jobs, { key, patch: { type: 'merge', body: { spec: { parallelism: 2 } } } });
    await bench.idle();
    expect((await bench.client.list(pods)).items).toHaveLength(2);
    expect((await find())?.status).toMatchObject({ active: 2 });
  });
});
