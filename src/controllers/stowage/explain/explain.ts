import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { ConnectedDrivers } from '../../csi/driver-work/drivers.ts';
import { explainClaim } from './explain-claim.ts';
import { explainNamespace } from './explain-namespace.ts';
import { explainNode } from './explain-node.ts';
import { explainPod } from './explain-pod.ts';
import { explainStorageClass } from './explain-storage-class.ts';
import { explainVolume } from './explain-volume.ts';
import { type Cluster, viewCluster } from './cluster.ts';
import { gatherClusterParts } from './cluster-parts.ts';
import { driversConnected, eitherOf } from './drivers.ts';
import { listCluster } from './listed-cluster.ts';
import { type Scope, type SightOptions, takeSight } from './sight.ts';
import { type Waiting, waitingObjects } from './waiting-objects.ts';

/** What can be explained. */
export type Explainable = 'claim' | 'pod' | 'volume' | 'class' | 'node' | 'namespace';

interface Way {
  readonly explain: (key: ObjectKey, cluster: Cluster) => Explanation;
  /** Of which namespace claims and pods are looked at. */
  readonly scope: Scope;
  /** Where events and quotas are looked for. */
  readonly namespaceOf: (key: ObjectKey) => string;
}

const inItsOwn = ({ namespace }: ObjectKey): string => namespace;
/** Events about what has no namespace are in `default` (kubernetes client-go tools/record). */
const inDefault = (): string => 'default';

const WAYS: Readonly<Record<Explainable, Way>> = {
  claim: { explain: explainClaim, scope: 'namespace', namespaceOf: inItsOwn },
  // why: other namespaces' pods take their part of the nodes
  pod: { explain: explainPod, scope: 'cluster', namespaceOf: inItsOwn },
  volume: { explain: ({ name }, cluster) => explainVolume(name, cluster), scope: 'beside', namespaceOf: inDefault },
  class: { explain: ({ name }, cluster) => explainStorageClass(name, cluster), scope: 'beside', namespaceOf: inDefault },
  node: { explain: ({ name }, cluster) => explainNode(name, cluster), scope: 'beside', namespaceOf: inDefault },
  namespace: { explain: ({ name }, cluster) => explainNamespace(name, cluster), scope: 'cluster', namespaceOf: ({ name }) => name },
};

/** Answers questions of users, each from what he may see. */
export interface Explainer {
  /** Why an object is as it is. `client` is the user's. @throws ApiError where he may not list what it takes */
  explain(client: Client, kind: Explainable, key: ObjectKey): Promise<Explanation>;
  /** All claims and pods that wait, in one namespace or (`''`) in all. @throws ApiError where the user may not list what it takes */
  whatWaits(client: Client, namespace: string): Promise<Waiting>;
}

/** What a platform answers from. */
export interface ExplainerOptions {
  readonly informers: InformerFactory;
  /** Those that its controllers ask. */
  readonly drivers: Pick<ConnectedDrivers, 'find' | 'names'>;
  /** On a cluster other programs ask the drivers that are not connected here: what can be seen of those is that they are registered on a node. */
  readonly isOnCluster: boolean;
}

/** Answers from what the informers hold: of the API only what the user may see is asked. Resolves when they hold everything. */
export async function explainerOf({ informers, drivers, isOnCluster }: ExplainerOptions): Promise<Explainer> {
  const parts = informers.shared(gatherClusterParts);
  const connected = driversConnected(drivers);
  await informers.start();
  return answeringFrom(async (client, options) => {
    // why a list of one: it is refused as the whole list would be, with the same words and the same line in the audit log
    const look = async (resource: Resource, namespace: string): Promise<void> =>
      void (await client.list(resource, { ...(namespace === '' ? {} : { namespace }), limit: 1 }));
    return viewCluster(parts, await takeSight(look, options), (onNodes) => (isOnCluster ? eitherOf(connected, onNodes) : connected));
  });
}

/** Answers from whole lists, made for each question: for an API of which no informers are at hand. */
export const listingExplainer: Explainer = answeringFrom(listCluster);

function answeringFrom(see: (client: Client, options: SightOptions) => Promise<Cluster>): Explainer {
  return {
    explain: async (client, kind, key) => {
      const { explain, namespaceOf, scope } = WAYS[kind];
      return explain(key, await see(client, { namespace: namespaceOf(key), scope }));
    },
    whatWaits: async (client, namespace) => waitingObjects(await see(client, { namespace, scope: 'cluster' }), namespace),
  };
}
