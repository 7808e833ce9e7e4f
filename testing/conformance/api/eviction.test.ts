import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from '#api/generated/kubernetes.ts';
import { podDisruptionBudgets, pods } from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

let api: TestApi;
let base: string;
beforeEach(async () => {
  api = await startTestApi({
    authenticators: [tokenAuthenticator([{ token: new Secret('admin'), user: { name: 'admin', groups: ['system:masters'] } }])],
  });
  base = `http://127.0.0.1:${(await api.server.listen({ host: '127.0.0.1', port: 0 })).port}/api/v1/namespaces/default/pods`;
});
afterEach(() => api.close());

const namespace = 'default';

async function aPod(name: string, isReady = true): Promise<void> {
  const made = await api.client.create(pods, {
    metadata: { name, namespace, labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
  const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False' }];
  await api.client.update(pods, { ...made, status: { phase: 'Running', conditions } }, { subresource: 'status' });
}

async function aBudget(status: PodDisruptionBudgetStatus, spec: PodDisruptionBudgetSpec = {}, name = 'b'): Promise<void> {
  const made = await api.client.create(podDisruptionBudgets, {
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: 'web' } }, minAvailable: 1, ...spec },
  });
  await api.client.update(podDisruptionBudgets, { ...made, status: { observedGeneration: 1, ...status } }, { subresource: 'status' });
}

async function evict(
  name: string,
  more: object = {},
): Promise<{ readonly status: number; readonly causes: unknown; readonly message: unknown }> {
  const answer = await fetch(`${base}/${name}/eviction`, {
    method: 'POST',
    body: JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace }, ...more }),
    headers: { 'content-type': 'application/json', authorization: 'Bearer admin' },
  });
  const json: unknown = await answer.json();
  const body = isRecord(json) ? json : {};
  return { status: answer.status, causes: isRecord(body['details']) ? body['details']['causes'] : undefined, message: body['message'] };
}

const left = async (): Promise<readonly string[]> => (await api.client.list(pods)).items.map(({ metadata }) => metadata.name);
const budget = async (): Promise<PodDisruptionBudgetStatus | undefined> =>
  (await api.client.get(podDisruptionBudgets, { namespace, name: 'b' })).status;

describe('API-1: evictions', () => {
  it('are of the version that they name, or leave the pod as it was', async () => {
    await aPod('p');
    const read = () => api.client.get(pods, { namespace, name: 'p' });
    const { resourceVersion, uid } = (await read()).metadata;
    expect((await evict('p', { deleteOptions: { preconditions: { resourceVersion: '1' } } })).status).toBe(409);
    expect((await evict('p', { deleteOptions: { preconditions: { uid: 'another' } } })).status).toBe(409);
    expect((await read()).metadata.resourceVersion).toBe(resourceVersion);
    expect((await evict('p', { deleteOptions: { preconditions: { resourceVersion, uid } } })).status).toBe(201);
    expect(await left()).toEqual([]);
  });

  it('say in the status of the pod that it was disrupted, before it goes, unless they are only tried', async () => {
    await api.client.create(pods, {
      metadata: { name: 'kept', namespace, finalizers: ['example.com/keep'] },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    });
    const target = async () =>
      (await api.client.get(pods, { namespace, name: 'kept' })).status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
    await evict('kept', { deleteOptions: { dryRun: ['All'] } });
    expect(await target()).toBeUndefined();
    await evict('kept');
    expect(await target()).toMatchObject({ status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' });
    expect((await api.client.get(pods, { namespace, name: 'kept' })).metadata.deletionTimestamp).toBeDefined();
  });

  it('delete a pod that no budget covers, or that is over', async () => {
    await aPod('a');
    expect((await evict('a')).status).toBe(201);
    expect(await left()).toEqual([]);
    expect((await evict('a')).status).toBe(404);
  });

  it('take a place of the budget, and only one each however many ask at once', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await aPod(name);
    await aBudget({ disruptionsAllowed: 2, currentHealthy: 4, desiredHealthy: 2 });
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => evict(name)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 429, 429]);
    expect(await left()).toHaveLength(2);
    expect(await budget()).toMatchObject({ disruptionsAllowed: 0 });
    expect(Object.keys((await budget())?.disruptedPods ?? {})).toHaveLength(2);
    expect(answers.find(({ status }) => status === 429)).toMatchObject({
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 2 healthy pods and has 4 currently' }],
    });
  });

  it('wait for a budget that is not counted yet, and change nothing in a dry run', async () => {
    await aPod('a');
    await aBudget({ observedGeneration: 0, disruptionsAllowed: 1 });
    expect(await evict('a')).toMatchObject({ status: 429, causes: [{ message: expect.stringContaining('is still being processed') }] });
    const status = { observedGeneration: 1, disruptionsAllowed: 1 };
    await api.client.patch(
      podDisruptionBudgets,
      { key: { namespace, name: 'b' }, patch: { type: 'merge', body: { status } } },
      { subresource: 'status' },
    );
    expect((await evict('a', { deleteOptions: { dryRun: ['All'] } })).status).toBe(201);
    expect([await left(), (await budget())?.disruptionsAllowed]).toEqual([['a'], 1]);
  });

  it('let a pod that is not ready go where enough others are healthy', async () => {
    await aPod('a', false);
    await aBudget({ disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1 });
    expect((await evict('a')).status).toBe(201);
  });

  it('are refused where two budgets cover a pod, or another pod is named', async () => {
    await aPod('a');
    await aBudget({ disruptionsAllowed: 1 });
    await aBudget({ disruptionsAllowed: 1 }, {}, 'other');
    expect((await evict('a')).message).toContain('more than one PodDisruptionBudget');
    expect((await evict('a', { metadata: { name: 'z' } })).status).toBe(400);
  });
});
