import {
  AppsV1Api,
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { PlatformProcess } from '#testing/platform/platform-process.ts';
import { describeWith } from '#testing/requirements.ts';

const namespace = 'client-node';
const SHELVES = readFileSync(path.join(import.meta.dirname, '..', 'charts', 'store', 'crds', 'shelves.yaml'), 'utf8');

function configMap(name: string, value: string, labels: Record<string, string> = {}) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels }, data: { value } };
}

describeWith(['unzip', 'npm'], 'API-1: the unmodified client of JavaScript', () => {
  let platform: PlatformProcess;
  let config: KubeConfig;
  let core: CoreV1Api;
  let objects: KubernetesObjectApi;
  beforeAll(async () => {
    platform = await PlatformProcess.start({ flags: ['--no-demo'] });
    config = new KubeConfig();
    config.loadFromFile(platform.kubeconfig);
    core = config.makeApiClient(CoreV1Api);
    objects = KubernetesObjectApi.makeApiClient(config);
    await core.createNamespace({ body: { metadata: { name: namespace } } });
  });
  afterAll(async () => platform.remove());

  it('creates, reads, replaces, lists in pages and deletes', async () => {
    for (const name of ['a', 'b', 'c']) await core.createNamespacedConfigMap({ namespace, body: configMap(name, '1') });
    const read = await core.readNamespacedConfigMap({ namespace, name: 'a' });
    expect(read.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const stale = await core.readNamespacedConfigMap({ namespace, name: 'a' });
    read.data = { value: '2' };
    const stored = await core.replaceNamespacedConfigMap({ namespace, name: 'a', body: read });
    expect(stored.data).toEqual({ value: '2' });
    await expect(core.replaceNamespacedConfigMap({ namespace, name: 'a', body: stale })).rejects.toMatchObject({ code: 409 });
    await expect(core.readNamespacedConfigMap({ namespace, name: 'no' })).rejects.toMatchObject({ code: 404 });

    const names: (string | undefined)[] = [];
    let _continue: string | undefined;
    do {
      const page = await core.listNamespacedConfigMap({ namespace, limit: 2, ...(_continue === undefined ? {} : { _continue }) });
      expect(page.items.length).toBeLessThanOrEqual(2);
      names.push(...page.items.map(({ metadata }) => metadata?.name));
      _continue = page.metadata?._continue === '' ? undefined : page.metadata?._continue;
    } while (_continue !== undefined);
    expect(names).toEqual(['a', 'b', 'c', 'kube-root-ca.crt']);
    await core.deleteNamespacedConfigMap({ namespace, name: 'c' });
    await expect(core.readNamespacedConfigMap({ namespace, name: 'c' })).rejects.toMatchObject({ code: 404 });
  });

  it('patches as JSON patch, and applies on the server, where managers own fields', async () => {
    const patched = await core.patchNamespacedConfigMap({
      namespace,
      name: 'b',
      body: [{ op: 'replace', path: '/data/value', value: 'patched' }],
    });
    expect(patched.data).toEqual({ value: 'patched' });
    const apply = (manager: string, value: string, force: boolean): Promise<unknown> =>
      objects.patch(configMap('owned', value), undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
    await apply('one', '1', false);
    await expect(apply('two', '2', false)).rejects.toMatchObject({ code: 409 });
    await expect(apply('two', '2', true)).resolves.toMatchObject({ data: { value: '2' } });
    const owned = await core.readNamespacedConfigMap({ namespace, name: 'owned' });
    expect(owned.metadata?.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`)).toContain('two Apply');
  });

  it('finds kinds that users define by discovery', async () => {
    await platform.kubectl.run(['apply', '-f', '-'], SHELVES);
    await platform.kubectl.run(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']);
    const shelf = { apiVersion: 'stores.example.com/v1', kind: 'Shelf', metadata: { name: 'one', namespace }, spec: { rows: 4 } };
    await expect(objects.create(shelf)).resolves.toMatchObject({ spec: { rows: 4 } });
    const found: unknown = await config
      .makeApiClient(CustomObjectsApi)
      .getNamespacedCustomObject({ group: 'stores.example.com', version: 'v1', namespace, plural: 'shelves', name: 'one' });
    expect(found).toMatchObject({ kind: 'Shelf', spec: { rows: 4 } });
    await expect(config.makeApiClient(AppsV1Api).listNamespacedDeployment({ namespace })).resolves.toMatchObject({ items: [] });
  });

  it('watches from a revision', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const seen: string[] = [];
    const request = await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata?.resourceVersion },
      (phase, object: V1ConfigMap) => seen.push(`${phase} ${object.metadata?.name}`),
      () => undefined,
    );
    await core.createNamespacedConfigMap({ namespace, body: configMap('seen', '1') });
    await core.deleteNamespacedConfigMap({ namespace, name: 'seen' });
    await eventually(() => expect(seen).toEqual(['ADDED seen', 'DELETED seen']));
    request.abort();
  });

  it('API-4: an informer holds what is there, and follows', async () => {
    const labelSelector = 'in=informer';
    const labelled = (value: string): V1ConfigMap => configMap('held', value, { in: 'informer' });
    await core.createNamespacedConfigMap({ namespace, body: labelled('1') });
    const list = (): ReturnType<CoreV1Api['listNamespacedConfigMap']> => core.listNamespacedConfigMap({ namespace, labelSelector });
    const informer = makeInformer(config, `/api/v1/namespaces/${namespace}/configmaps`, list, labelSelector);
    const seen: string[] = [];
    for (const verb of ['add', 'update', 'delete'] as const)
      informer.on(verb, ({ metadata, data }) => seen.push(`${verb} ${metadata?.name} ${data?.['value']}`));
    await informer.start();
    await eventually(() => expect(informer.get('held', namespace)?.data).toEqual({ value: '1' }));
    await core.replaceNamespacedConfigMap({ namespace, name: 'held', body: labelled('2') });
    await core.createNamespacedConfigMap({ namespace, body: configMap('other', '1') });
    await core.deleteNamespacedConfigMap({ namespace, name: 'held' });
    await eventually(() => expect(seen).toEqual(['add held 1', 'update held 2', 'delete held 2']));
    await informer.stop();
  });
});
