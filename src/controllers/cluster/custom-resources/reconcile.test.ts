import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aDefinition, resourceOf } from '#testing/builders/definition.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createCustomResourcesController } from './controller.ts';

let api: TestApi<FakeClock>;
let informers: InformerFactory;
let running: RunningController;

beforeEach(async () => {
  api = await startTestApi();
  await start();
});
afterEach(async () => {
  await stop();
  await api.close();
});

async function start(): Promise<void> {
  informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  running = runController(createCustomResourcesController({ informers }), {
    client: informers.client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: () => {} },
    metrics: new Metrics(),
  });
  await running.ready;
}

async function stop(): Promise<void> {
  await running.stop();
  informers.stop();
}

const key = { namespace: '', name: 'disks.shop.example.com' };
const find = (name = key.name): Promise<CustomResourceDefinition | undefined> =>
  api.client.get(customResourceDefinitions, { namespace: '', name }).catch((thrown: unknown) => {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  });
const conditionsOf = async (name = key.name): Promise<Record<string, string>> =>
  Object.fromEntries(((await find(name))?.status?.conditions ?? []).map(({ type, status, reason = '' }) => [type, `${status} ${reason}`]));
const disk = (name: string, finalizers: readonly string[] = []): Draft<KubeObject> =>
  trusted({ metadata: { name, namespace: 'default', finalizers }, spec: { size: 1 } });

describe('API-2: custom resources controller', () => {
  it('establishes a definition', async () => {
    await api.client.create(customResourceDefinitions, aDefinition());
    await settle();
    expect(await conditionsOf()).toEqual({ NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' });
    expect((await find())?.status).toMatchObject({
      acceptedNames: { plural: 'disks', kind: 'Disk', listKind: 'DiskList' },
      storedVersions: ['v1'],
    });
    await api.client.create(resourceOf(aDefinition()), disk('a'));
  });

  it('remembers every version that was stored', async () => {
    const definition = aDefinition({ versions: [{ name: 'v1alpha1' }, { name: 'v1' }] });
    await api.client.create(customResourceDefinitions, definition);
    await settle();
    const versions = definition.spec.versions.map((version) => ({ ...version, storage: version.name === 'v1' }));
    await api.client.patch(customResourceDefinitions, { key, patch: { type: 'merge', body: { spec: { versions } } } });
    await settle();
    expect((await find())?.status?.storedVersions).toEqual(['v1alpha1', 'v1']);
  });

  it('gives a name to the first that asks, and to the second when the first is gone', async () => {
    await api.client.create(customResourceDefinitions, aDefinition());
    await api.client.create(
      customResourceDefinitions,
      aDefinition({ names: { plural: 'plates', kind: 'Disk', listKind: 'PlateList', singular: 'plate' } }),
    );
    await api.client.create(customResourceDefinitions, aDefinition({ group: 'other.example.com' }));
    await settle();
    expect(await conditionsOf('disks.other.example.com')).toMatchObject({ Established: 'True InitialNamesAccepted' });
    expect(await conditionsOf('plates.shop.example.com')).toEqual({
      NamesAccepted: 'False KindConflict',
      Established: 'False NotAccepted',
    });
    await api.client.delete(customResourceDefinitions, key);
    await settle();
    await api.clock.step(10_000);
    await settle();
    expect(await conditionsOf('plates.shop.example.com')).toMatchObject({ Established: 'True InitialNamesAccepted' });
  });

  it('deletes all objects with the definition, and waits for those that are held', async () => {
    await api.client.create(customResourceDefinitions, aDefinition());
    await settle();
    const disks = resourceOf(aDefinition());
    await api.client.create(disks, disk('free'));
    await api.client.create(disks, disk('held', ['example.com/hold']));
    await api.client.delete(customResourceDefinitions, key);
    await settle();
    expect((await api.client.list(disks)).items.map(({ metadata }) => metadata.name)).toEqual(['held']);
    expect(await conditionsOf()).toMatchObject({ Terminating: 'True InstanceDeletionInProgress' });
    await api.client.patch(disks, {
      key: { namespace: 'default', name: 'held' },
      patch: { type: 'merge', body: { metadata: { finalizers: null } } },
    });
    await api.clock.step(1_000);
    await settle();
    expect(await find()).toBeUndefined();
  });

  it('goes on with a deletion after a restart', async () => {
    await api.client.create(customResourceDefinitions, aDefinition());
    await settle();
    await api.client.create(resourceOf(aDefinition()), disk('a'));
    await stop();
    await api.client.delete(customResourceDefinitions, key);
    await start();
    await settle();
    expect(await find()).toBeUndefined();
    expect(api.store.count({ resource: 'disks.shop.example.com' })).toBe(0);
  });

  it.each([
    { annotation: 'https://github.com/kubernetes/enhancements/pull/1111', verdict: 'True ApprovedAnnotation' },
    { annotation: 'unapproved, experimental-only', verdict: 'False UnapprovedAnnotation' },
  ])('says of a group of Kubernetes: $verdict', async ({ annotation, verdict }) => {
    const draft = aDefinition({ group: 'shop.k8s.io' });
    const annotations = { 'api-approved.kubernetes.io': annotation };
    await api.client.create(customResourceDefinitions, { ...draft, metadata: { name: 'disks.shop.k8s.io', annotations } });
    await settle();
    expect(await conditionsOf('disks.shop.k8s.io')).toMatchObject({
      KubernetesAPIApprovalPolicyConformant: verdict,
      Established: 'True InitialNamesAccepted',
    });
  });
});
