import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client, ListOptions } from '#machinery/client/client.ts';
import type { Resource } from '#api/meta/resource.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { readCluster } from './read-cluster.ts';

const PODS = [aStoredPod({ name: 'mine' }), aStoredPod({ name: 'theirs', namespace: 'elsewhere' })];

/** A client whose user may list claims and pods of a namespace, and of all namespaces, and nodes, only where `may` says so. */
function clientOf(may: 'see everything' | 'see his own', code: 'PermissionDenied' | 'Unavailable' = 'PermissionDenied'): Client {
  const list = (resource: Resource, { namespace = '' }: ListOptions = {}) => {
    const isOthers = namespace === '' && ['pods', 'persistentvolumeclaims', 'namespaces', 'nodes'].includes(resource.plural);
    if (isOthers && may === 'see his own') throw new PlatformError({ code, reason: 'Forbidden', message: `no ${resource.plural}` });
    const items = resource.plural === 'pods' ? PODS.filter(({ metadata }) => namespace === '' || metadata.namespace === namespace) : [];
    return { metadata: {}, items };
  };
  return trusted<Client>({
    list: async (resource: Resource, options?: ListOptions) => Promise.resolve(list(resource, options)),
  });
}

it.each([
  { may: 'see everything', scope: 'cluster', unseen: [], pods: ['mine', 'theirs'] },
  { may: 'see his own', scope: 'cluster', unseen: ['namespaces', 'nodes', 'persistentvolumeclaims', 'pods'], pods: ['mine'] },
  { may: 'see his own', scope: 'namespace', unseen: ['nodes'], pods: ['mine'] },
] as const)('a user who may $may reads a $scope: $pods', async ({ may, scope, unseen, pods }) => {
  const cluster = await readCluster(clientOf(may), 'default', scope);
  expect([...cluster.unseen].toSorted()).toEqual(unseen);
  expect(cluster.pods.map(({ metadata }) => metadata.name)).toEqual(pods);
});

it('a fault of the server is no lack of rights', async () => {
  await expect(readCluster(clientOf('see his own', 'Unavailable'), 'default', 'cluster')).rejects.toThrow('no ');
});
