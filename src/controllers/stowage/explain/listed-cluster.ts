import { referenceGrants } from '#api/generated/definitions.ts';
import type { KubeList, KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { SystemClock } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Cluster, viewCluster } from './cluster.ts';
import { gatherClusterParts } from './cluster-parts.ts';
import { type Sight, type SightOptions, takeSight } from './sight.ts';

/** What was listed of each kind. */
export type Lists = ReadonlyMap<Resource, readonly KubeObject[]>;

/** What the client's user may see, from whole lists of it: for an API of which no informers are at hand. @throws ApiError as `takeSight` */
export async function listCluster(client: Client, options: SightOptions): Promise<Cluster> {
  const lists = new Map<Resource, readonly KubeObject[]>();
  const sight = await takeSight(async (resource, namespace) => {
    const { items } = await client.list(resource, namespace === '' ? {} : { namespace });
    lists.set(resource, items);
  }, options);
  await listGrants(client, lists);
  return clusterOfLists(lists, sight);
}

/** A cluster in which nothing is and happens but what the lists have. */
export async function clusterOfLists(lists: Lists, sight: Sight): Promise<Cluster> {
  const informers = new InformerFactory({ client: stillClient(lists), clock: new SystemClock(), log: silentLogger });
  const parts = informers.shared(gatherClusterParts);
  await informers.start();
  informers.stop();
  const cluster = viewCluster(parts, sight);
  return lists.has(referenceGrants) ? cluster : { ...cluster, grantsIn: () => undefined };
}

/** Grants say why a claim has no source of another namespace; who may not list them goes without, and so does an API that has none. */
async function listGrants(client: Client, lists: Map<Resource, readonly KubeObject[]>): Promise<void> {
  try {
    lists.set(referenceGrants, (await client.list(referenceGrants)).items);
  } catch (thrown) {
    if (!hasCode(thrown, 'PermissionDenied', 'NotFound')) throw thrown;
  }
}

/** An API in which nothing changes any more. */
function stillClient(lists: Lists): Client {
  // why trusted: informers list and watch, and nobody else has this client
  return trusted<Client>({
    list: <K extends KubeObject>(resource: Resource<K>): Promise<KubeList<K>> =>
      Promise.resolve({
        apiVersion: apiVersionOf(resource),
        kind: resource.listKind,
        metadata: { resourceVersion: '' },
        items: trusted<readonly K[]>(lists.get(resource) ?? []),
      }),
    watch: async function* () {},
  });
}
