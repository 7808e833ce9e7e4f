import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { bucketClasses } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { storageClasses } from '#api/resources.ts';
import { allocatedClasses } from './allocated-classes.ts';

const labelled = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Any',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z', labels },
});

it('PLUG-2: classes that are not everybody’s use projects', async () => {
  const byKind = new Map<Resource, readonly KubeObject[]>([
    [
      storageClasses,
      [
        labelled('open', {}),
        labelled('all', { 'project.cpaas.io/ALL_ALL': 'true' }),
        labelled('shop', { 'project.cpaas.io/shop': 'true' }),
        labelled('nobody', { 'project.cpaas.io/shop': 'false' }),
      ],
    ],
    [bucketClasses, [labelled('one', { 'project.cpaas.io/name': 'shop' })]],
  ]);
  expect(
    await allocatedClasses({
      instances: <K extends KubeObject>(resource: Resource<K>) => trusted<readonly K[]>(byKind.get(resource) ?? []),
    }),
  ).toEqual([
    '2 storageclasses.storage.k8s.io (nobody, shop), allocated to projects by labels',
    '1 bucketclasses.objectstorage.k8s.io (one), allocated to projects by labels',
  ]);
});
