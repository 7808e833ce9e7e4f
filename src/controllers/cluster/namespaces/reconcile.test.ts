import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Namespace } from '#api/generated/kubernetes.ts';
import { BUILT_IN_RESOURCES, configMaps, namespaces, persistentVolumeClaims, pods, secrets } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { ApiError } from '#machinery/client/api-error.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aPod } from '#testing/builders/pod.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createNamespacesController } from './controller.ts';

describe('namespaces controller', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  const namespacedResources = BUILT_IN_RESOURCES.filter((resource) => resource.isNamespaced);

  beforeEach(async () => {
    api = await startTestApi();
    await start(api.client);
    await api.client.create(namespaces, { metadata: { name: 'k-1' }, spec: { finalizers: ['kubernetes'] } });
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  async function start(client: Client): Promise<void> {
    informers = new InformerFactory({ client, clock: api.clock, log: silentLogger });
    const controller = createNamespacesController({ informers, namespacedResources: () => namespacedResources });
    const deps = {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: () => {} },
      metrics: new Metrics(),
    };
    running = runController(controller, deps);
    await running.ready;
  }

  const key = { namespace: '', name: 'k-1' };
  const find = (): Promise<Namespace | undefined> =>
    api.client.get(namespaces, key).catch((thrown: unknown) => {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    });
  const conditions = async (): Promise<Record<string, string>> =>
    Object.fromEntries(
      ((await find())?.status?.conditions ?? []).map((condition) => [condition.type, `${condition.status} ${condition.message ?? ''}`]),
    );

  it('leaves a namespace alone that nobody deleted', async () => {
    await api.client.create(configMaps, { metadata: { name: 'a', namespace: 'k-1' } });
    await api.clock.step(60_000);
    expect(await find()).toBeDefined();
    expect((await api.client.list(configMaps, { namespace: 'k-1' })).items).toHaveLength(1);
  });

  it('lets an empty namespace go at once', async () => {
    await api.client.delete(namespaces, key);
    await settle();
    expect(await find()).toBeUndefined();
  });

  it('empties a namespace of every kind, and touches no other', async () => {
    for (let index = 0; index < 40; index += 1) await api.client.create(configMaps, { metadata: { name: `c-${index}`, namespace: 'k-1' } });
    await api.client.create(secrets, { metadata: { name: 's', namespace: 'k-1' } });
    await api.client.create(pods, aPod({ namespace: 'k-1' }));
    await api.client.create(configMaps, { metadata: { name: 'mine', namespace: 'default' } });
    await api.client.delete(namespaces, key);
    await api.clock.step(1000);
    expect(await find()).toBeUndefined();
    for (const resource of namespacedResources) expect((await api.client.list(resource, { namespace: 'k-1' })).items).toEqual([]);
    expect((await api.client.list(configMaps, { namespace: 'default' })).items).toHaveLength(1);
  });

  it('waits for what finalizers hold, says so, and ends when they are gone', async () => {
    const finalizers = ['kubernetes.io/pvc-protection'];
    await api.client.create(persistentVolumeClaims, aClaim({ name: 'data', namespace: 'k-1', finalizers }));
    await api.client.delete(namespaces, key);
    await api.clock.step(2000);
    expect(await conditions()).toMatchObject({
      NamespaceContentRemaining: 'True Some resources are remaining: persistentvolumeclaims has 1 resource instances',
      NamespaceFinalizersRemaining:
        'True Some content in the namespace has finalizers remaining: kubernetes.io/pvc-protection in 1 resource instances',
      NamespaceDeletionContentFailure: 'False All content successfully deleted, may be waiting on finalization',
    });
    const patch = { type: 'merge', body: { metadata: { finalizers: [] } } } as const;
    await api.client.patch(persistentVolumeClaims, { key: { namespace: 'k-1', name: 'data' }, patch });
    await api.clock.step(2000);
    expect(await find()).toBeUndefined();
  });

  it('deletes nothing else while a pod is still there', async () => {
    await api.client.create(pods, aPod({ name: 'web', namespace: 'k-1', finalizers: ['stowage.dev/test'] }));
    await api.client.create(configMaps, { metadata: { name: 'settings', namespace: 'k-1' } });
    await api.client.delete(namespaces, key);
    await api.clock.step(30_000);
    const [settings] = (await api.client.list(configMaps, { namespace: 'k-1' })).items;
    expect(settings?.metadata.deletionTimestamp).toBeUndefined();
    await api.client.patch(pods, {
      key: { namespace: 'k-1', name: 'web' },
      patch: { type: 'merge', body: { metadata: { finalizers: [] } } },
    });
    await api.clock.step(10_000);
    expect(await find()).toBeUndefined();
  });

  it('tries again when a deletion is refused, and names the refusal', async () => {
    await running.stop();
    informers.stop();
    let isRefusing = true;
    const refusing = overrideClient(api.client, {
      delete: async (resource, target, options) => {
        if (isRefusing && resource.kind === 'ConfigMap')
          throw new ApiError({
            kind: 'Status',
            apiVersion: 'v1',
            status: 'Failure',
            message: 'no space on the disk',
            reason: 'InternalError',
            code: 500,
          });
        return api.client.delete(resource, target, options);
      },
    });
    await start(refusing);
    await api.client.create(configMaps, { metadata: { name: 'a', namespace: 'k-1' } });
    await api.client.delete(namespaces, key);
    await settle();
    expect((await conditions())['NamespaceDeletionContentFailure']).toContain('no space on the disk');
    isRefusing = false;
    await api.clock.step(10_000);
    expect(await find()).toBeUndefined();
  });

  it('looks ever more rarely at a namespace that does not end', async () => {
    let lists = 0;
    await running.stop();
    informers.stop();
    await start(
      overrideClient(api.client, {
        list: (resource, options) => {
          if (resource.kind === 'ConfigMap') lists += 1;
          return api.client.list(resource, options);
        },
      }),
    );
    await api.client.create(configMaps, { metadata: { name: 'a', namespace: 'k-1', finalizers: ['stowage.dev/test'] } });
    await api.client.delete(namespaces, key);
    await api.clock.step(3_600_000);
    expect(lists).toBeLessThan(1_500);
    const before = lists;
    await api.clock.step(60_000);
    expect(lists - before).toBeLessThan(25);
  });
});
