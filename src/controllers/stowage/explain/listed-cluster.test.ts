import { expect, it } from 'vitest';
import type { Resource } from '#api/meta/resource.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client, ListOptions } from '#machinery/client/client.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { listCluster } from './listed-cluster.ts';

const PODS = [aStoredPod({ name: 'mine', uid: 'm' }), aStoredPod({ name: 'theirs', uid: 't', namespace: 'elsewhere' })];

/** A client whose user may list the pods of all namespaces, or only those of one. */
function clientOf(may: 'see everything' | 'see his own'): Client {
  const list = async (resource: Resource, { namespace = '' }: ListOptions = {}) => {
    if (resource.plural === 'pods' && namespace === '' && may === 'see his own')
      throw new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: 'no pods' });
    const items = resource.plural === 'pods' ? PODS.filter(({ metadata }) => namespace === '' || metadata.namespace === namespace) : [];
    return { metadata: {}, items };
  };
  return trusted<Client>({ list });
}

it.each([
  { may: 'see everything', unseen: [], seen: ['mine', 'theirs'] },
  { may: 'see his own', unseen: ['pods'], seen: ['mine'] },
] as const)('what a user who may $may is explained from: $seen', async ({ may, unseen, seen }) => {
  const cluster = await listCluster(clientOf(may), { namespace: 'default', scope: 'cluster' });
  expect([...cluster.unseen]).toEqual(unseen);
  const found = PODS.filter(({ metadata: { namespace = '', name } }) => cluster.pods.get({ namespace, name }) !== undefined);
  expect(found.map(({ metadata }) => metadata.name)).toEqual(seen);
});
