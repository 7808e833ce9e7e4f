import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { definitionsOf } from '#api/definitions/brought-along.ts';
import { bucketClaims, bucketClasses } from '#api/generated/definitions.ts';
import { namespaces, persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { establish } from '#testing/builders/definition.ts';
import { allocationAdmission } from './allocation-admission.ts';

describe('CLASS-10: claims get a class of their project only', () => {
  let api: TestApi;
  beforeEach(async () => {
    api = await startTestApi({ admission: [allocationAdmission] });
    for (const [name, project] of [
      ['web', 'a'],
      ['other', 'b'],
      ['loose', undefined],
      ['kube-system', undefined],
      ['acp-storage', 'cpaas-system'],
    ] as const)
      await api.client.create(namespaces, {
        metadata: { name, ...(project === undefined ? {} : { labels: { 'cpaas.io/project': project } }) },
        spec: {},
      });
    await api.client.create(storageClasses, aClass({ name: 'fast', labels: { 'project.cpaas.io/a': 'true' } }));
  });
  afterEach(() => api.close());

  const claim = (namespace: string, name = 'data'): Promise<PersistentVolumeClaim> =>
    api.client.create(persistentVolumeClaims, aClaim({ name, namespace, storageClassName: 'fast' }));
  const label = (labels: Readonly<Record<string, string | null>>): Promise<unknown> =>
    api.client.patch(storageClasses, { key: { namespace: '', name: 'fast' }, patch: { type: 'merge', body: { metadata: { labels } } } });

  it.each([{ namespace: 'web' }, { namespace: 'kube-system' }, { namespace: 'acp-storage' }])('in $namespace', async ({ namespace }) => {
    await expect(claim(namespace)).resolves.toBeDefined();
  });

  it.each([{ namespace: 'other' }, { namespace: 'loose' }])('not in $namespace', async ({ namespace }) => {
    await expect(claim(namespace)).rejects.toThrow(
      'persistentvolumeclaims "data" is forbidden: storageclass "fast" is allocated to the project a',
    );
  });

  it('as the labels are at that moment; claims that have the class keep it', async () => {
    await claim('web');
    await label({ 'project.cpaas.io/a': null, 'project.cpaas.io/b': 'true' });
    await expect(claim('web', 'more')).rejects.toThrow('allocated to the project b');
    await expect(claim('other')).resolves.toBeDefined();
    const grown = { metadata: { labels: { app: 'x' } } };
    await expect(
      api.client.patch(persistentVolumeClaims, { key: { namespace: 'web', name: 'data' }, patch: { type: 'merge', body: grown } }),
    ).resolves.toBeDefined();
    await label({ 'project.cpaas.io/b': null });
    await expect(claim('loose')).resolves.toBeDefined();
  });

  it('also where the class comes later', async () => {
    const { storageClassName: _, ...spec } = aClaim({ storageClassName: 'fast' }).spec;
    await api.client.create(persistentVolumeClaims, { ...aClaim({ name: 'late', namespace: 'other' }), spec });
    const body = { spec: { storageClassName: 'fast' } };
    const given = api.client.patch(persistentVolumeClaims, {
      key: { namespace: 'other', name: 'late' },
      patch: { type: 'merge', body },
    });
    await expect(given).rejects.toThrow('allocated to the project a');
  });

  it('and buckets likewise', async () => {
    for (const definition of definitionsOf('objectstorage.k8s.io')) await establish(api.client, definition);
    await api.client.create(bucketClasses, {
      metadata: { name: 'minio', labels: { 'project.cpaas.io/name': 'a' } },
      driverName: 'minio.example',
      deletionPolicy: 'Delete',
    });
    const bucket = (namespace: string): Promise<unknown> =>
      api.client.create(bucketClaims, { metadata: { name: 'b', namespace }, spec: { bucketClassName: 'minio', protocols: ['S3'] } });
    await expect(bucket('other')).rejects.toThrow('bucketclaims "b" is forbidden: bucketclass "minio" is allocated to the project a');
    await expect(bucket('web')).resolves.toBeDefined();
  });
});
