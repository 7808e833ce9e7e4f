import { expect, it } from 'vitest';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { trusted } from '#kit/json.ts';
import { configMaps, persistentVolumeClaims, pods, statefulSets } from '#api/resources.ts';
import { foreignObjects } from './foreign-objects.ts';

const named = (name: string, namespace = 'demo', owner?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Any',
  metadata: {
    name,
    namespace,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: owner, uid: owner }] }),
  },
});

it('PLUG-2: what others have put into the namespace of the sample uses it; what it made itself does not', async () => {
  const byKind = new Map<Resource, readonly KubeObject[]>([
    [statefulSets, [named('writer')]],
    [pods, [named('writer-0', 'demo', 'writer'), named('mine'), named('other', 'web')]],
    [persistentVolumeClaims, [named('data-writer-0'), named('data-writer-12'), named('data-writer-0-copy')]],
    [configMaps, [named('kube-root-ca.crt')]],
  ]);
  expect(
    await foreignObjects({ instances: <K extends KubeObject>(resource: Resource<K>) => trusted<readonly K[]>(byKind.get(resource) ?? []) }),
  ).toEqual(['1 persistentvolumeclaims (demo/data-writer-0-copy)', '1 pods (demo/mine)']);
});
