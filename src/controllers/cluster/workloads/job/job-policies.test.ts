import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job, JobSpec, Pod, PodStatus } from '#api/generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
import { jobs } from '#api/resources.ts';
import { aTemplate } from '#testing/builders/workloads.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';
import { indexOf } from './indexes.ts';

const key = { namespace: 'default', name: 'work' };
const template = aTemplate('1', { restartPolicy: 'Never' });
let bench: WorkloadBench;

beforeEach(async () => {
  bench = await startWorkloadBench();
});
afterEach(() => bench.close());

async function create(spec: Partial<JobSpec>): Promise<void> {
  await bench.client.create(jobs, { metadata: { ...key }, spec: { template, ...spec } });
  await bench.idle();
}

const find = (): Promise<Job> => bench.client.get(jobs, key);

async function running(): Promise<readonly Pod[]> {
  return (await bench.pods()).filter(({ status, metadata }) => {
    const phase = status?.phase ?? 'Pending';
    return metadata.deletionTimestamp === undefined && phase !== 'Succeeded' && phase !== 'Failed';
  });
}

async function runningIndexes(): Promise<readonly number[]> {
  return (await running()).map((pod) => indexOf(pod) ?? -1).toSorted((a, b) => a - b);
}

async function conditions(): Promise<readonly string[]> {
  return ((await find()).status?.conditions ?? []).filter(({ status }) => status === 'True').map(({ type, reason }) => `${type} ${reason}`);
}

/** Ends the running pod of the index; without one, any. */
async function end(outcome: 'Succeeded' | number, index?: number, status: PodStatus = {}): Promise<void> {
  const pod = (await running()).find((one) => index === undefined || indexOf(one) === index);
  const exitCode = outcome === 'Succeeded' ? 0 : outcome;
  const containerStatuses = [
    { name: 'main', image: 'busybox', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode } } },
  ];
  const phase = outcome === 'Succeeded' ? 'Succeeded' : 'Failed';
  await bench.setPodStatus(pod?.metadata.name ?? '', { phase, containerStatuses, ...status });
}

describe('VOL-12: podFailurePolicy', () => {
  const inCodes = (action: string, values: readonly number[], operator = 'In'): object => ({ action, onExitCodes: { operator, values } });
  const rules = (...all: readonly object[]): Partial<JobSpec> => ({ podFailurePolicy: { rules: trusted(all) } });

  it('fails the job at once by FailJob, with pod, cause and rule', async () => {
    await create({ ...rules(inCodes('Ignore', [1]), inCodes('FailJob', [42])), completions: 2, parallelism: 2 });
    await end(42);
    expect(await conditions()).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    expect((await find()).status?.conditions?.at(-1)?.message).toMatch(
      /^Container main for pod default\/work-\w+ failed with exit code 42 matching FailJob rule at index 1$/,
    );
    expect(await running()).toEqual([]);
  });

  it('does not count what Ignore matches', async () => {
    await create({ ...rules({ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }), backoffLimit: 0 });
    await end(1, undefined, { conditions: [{ type: 'DisruptionTarget', status: 'True' }] });
    await bench.step(10_000);
    expect(await running()).toHaveLength(1);
    expect((await find()).status?.failed).toBeUndefined();
    await end('Succeeded');
    expect(await conditions()).toContain('Complete CompletionsReached');
  });

  it.each([
    { name: 'NotIn', rule: inCodes('FailJob', [1, 2], 'NotIn'), code: 3, isFailed: true },
    { name: 'NotIn, among them', rule: inCodes('FailJob', [1, 2], 'NotIn'), code: 2, isFailed: false },
    {
      name: 'another container',
      rule: { action: 'FailJob', onExitCodes: { operator: 'In', values: [3], containerName: 'other' } },
      code: 3,
      isFailed: false,
    },
    { name: 'Count first', rule: inCodes('Count', [3]), code: 3, isFailed: false },
  ])('$name: exit code $code fails the job: $isFailed', async ({ rule, code, isFailed }) => {
    await create(rules(rule));
    await end(code);
    expect((await conditions()).includes('Failed PodFailurePolicy')).toBe(isFailed);
  });
});

describe('VOL-12: backoffLimitPerIndex', () => {
  const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1 };

  it('tries each index so often, and the job fails at its end with those that failed', async () => {
    await create(indexed);
    await end(1, 1);
    expect(await runningIndexes()).toEqual([0, 2]);
    await bench.step(10_000);
    const again = (await running()).find((pod) => indexOf(pod) === 1);
    expect(again?.metadata.annotations?.['batch.kubernetes.io/job-index-failure-count']).toBe('1');
    await end(1, 1);
    expect((await find()).status).toMatchObject({ failedIndexes: '1', failed: 2 });
    await bench.step(600_000);
    expect(await runningIndexes()).toEqual([0, 2]);
    await end('Succeeded', 0);
    await end('Succeeded', 2);
    expect(await conditions()).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
    expect((await find()).status).toMatchObject({ completedIndexes: '0,2', failedIndexes: '1' });
    expect((await bench.pods()).flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
  });

  it('an index waits for itself, the others go on, and a restart forgets no failure', async () => {
    await create({ ...indexed, completions: 4, parallelism: 2 });
    await end(1, 0);
    expect(await runningIndexes()).toEqual([1, 2]);
    await bench.restart();
    await end('Succeeded', 1);
    await end('Succeeded', 2);
    await bench.step(10_000);
    await end(1, 0);
    expect((await find()).status?.failedIndexes).toBe('0');
  });

  it('fails an index by a rule, and the job by maxFailedIndexes', async () => {
    const podFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [9] } }] };
    await create({ ...indexed, maxFailedIndexes: 0, podFailurePolicy });
    await end(9, 2);
    expect((await find()).status?.failedIndexes).toBe('2');
    expect(await conditions()).toEqual(['FailureTarget MaxFailedIndexesExceeded', 'Failed MaxFailedIndexesExceeded']);
  });
});

it.each([
  { name: 'the leader', rule: { succeededIndexes: '0' }, ends: [0] },
  { name: 'two of three', rule: { succeededIndexes: '0-2', succeededCount: 2 }, ends: [0, 2] },
  { name: 'any two', rule: { succeededCount: 2 }, ends: [1, 3] },
])('VOL-12: successPolicy ends the job when $name succeeded', async ({ rule, ends }) => {
  await create({ completionMode: 'Indexed', completions: 4, parallelism: 4, successPolicy: { rules: [rule] } });
  for (const index of ends) {
    expect(await conditions()).toEqual([]);
    await end('Succeeded', index);
  }
  await bench.playNode();
  expect(await conditions()).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
  expect(await running()).toEqual([]);
});

it.each([
  { spec: { maxFailedIndexes: 1, completionMode: 'Indexed', completions: 2 }, says: 'spec.backoffLimitPerIndex: Required value' },
  { spec: { successPolicy: { rules: [{ succeededCount: 1 }] } }, says: 'requires indexed completion mode' },
  {
    spec: { completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{ succeededIndexes: '0-2' }] } },
    says: 'below the number of completions',
  },
  {
    spec: { completionMode: 'Indexed', completions: 2, successPolicy: { rules: [{}] } },
    says: 'at least one of succeededCount or succeededIndexes',
  },
])('refuses $spec', async ({ spec, says }) => {
  await expect(create(spec)).rejects.toThrow(says);
});
