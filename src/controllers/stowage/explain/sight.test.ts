import { expect, it } from 'vitest';
import { persistentVolumeClaims, persistentVolumes, pods, resourceQuotas } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { type Look, type Scope, takeSight } from './sight.ts';

/** Somebody who may list what is in namespaces only in `default`, and of the rest no nodes; or everything. */
function looking(may: 'see everything' | 'see his own', code: 'PermissionDenied' | 'Unavailable' = 'PermissionDenied'): Look {
  return async (resource, namespace) => {
    const isOthers = resource.isNamespaced ? namespace !== 'default' : ['namespaces', 'nodes'].includes(resource.plural);
    if (isOthers && may === 'see his own') throw new PlatformError({ code, reason: 'Forbidden', message: `no ${resource.plural}` });
  };
}

const own = { namespace: 'default' };
const capacities = 'csistoragecapacities';

it.each<{
  may: Parameters<typeof looking>[0];
  scope: Scope;
  namespace?: string;
  unseen: readonly string[];
  pods: unknown;
  quotas?: unknown;
}>([
  { may: 'see everything', scope: 'cluster', unseen: [], pods: 'all' },
  { may: 'see everything', scope: 'namespace', unseen: [], pods: own },
  { may: 'see everything', scope: 'cluster', namespace: '', unseen: [], pods: 'all', quotas: 'all' },
  { may: 'see his own', scope: 'cluster', unseen: [capacities, 'namespaces', 'nodes', 'persistentvolumeclaims', 'pods'], pods: own },
  { may: 'see his own', scope: 'namespace', unseen: [capacities, 'nodes'], pods: own },
  {
    may: 'see his own',
    scope: 'beside',
    namespace: 'other',
    unseen: [capacities, 'events', 'namespaces', 'nodes', 'persistentvolumeclaims', 'pods', 'resourcequotas'],
    pods: 'none',
    quotas: 'none',
  },
])(
  'who may $may looks, in the scope $scope, at these pods: $pods',
  async ({ may, scope, namespace = 'default', unseen, pods: reach, quotas = own }) => {
    const sight = await takeSight(looking(may), { namespace, scope });
    expect([...sight.unseen].toSorted()).toEqual(unseen);
    expect(sight.reachOf(pods)).toEqual(reach);
    expect(sight.reachOf(persistentVolumeClaims)).toEqual(reach);
    expect(sight.reachOf(resourceQuotas)).toEqual(quotas);
    expect(sight.reachOf(persistentVolumes)).toBe('all');
  },
);

it.each([
  { name: 'a namespace that is asked about and may not be looked into', namespace: 'other', code: 'PermissionDenied' as const },
  { name: 'a fault of the server, which is no lack of rights', namespace: 'default', code: 'Unavailable' as const },
])('is refused: $name', async ({ namespace, code }) => {
  await expect(takeSight(looking('see his own', code), { namespace, scope: 'cluster' })).rejects.toThrow('no ');
});
