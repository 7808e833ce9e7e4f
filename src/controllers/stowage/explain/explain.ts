import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { Clock } from '#kit/clock.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { ConnectedDrivers } from '../../csi/driver-work/drivers.ts';
import { ClaimStatuses } from './claim-statuses.ts';
import { type Cluster, type DriverChoice, viewCluster } from './cluster.ts';
import { driversConnected, eitherOf } from './drivers.ts';
import { gatherClusterParts } from './cluster-parts.ts';
import type { KindExplainer } from './explained-kind.ts';
import { listCluster } from './listed-cluster.ts';
import { type SightOptions, takeSight, WHOLE } from './sight.ts';
import { type Waiting, waitingObjects } from './waiting-objects.ts';

/** Answers questions of users, each from what he may see. */
export interface Explainer {
  /** Why an object is as it is. `client` is the user's. @throws ApiError where he may not list what it takes */
  explain(client: Client, kind: KindExplainer, key: ObjectKey): Promise<Explanation>;
  /** All claims and pods that wait, in one namespace or (`''`) in all. @throws ApiError where the user may not list what it takes */
  whatWaits(client: Client, namespace: string): Promise<Waiting>;
}

/** What a platform answers from. */
export interface ExplainerOptions {
  readonly informers: InformerFactory;
  /** Those that its controllers ask. */
  readonly drivers: ConnectedDrivers;
  /** On a cluster other programs ask the drivers that are not connected here: what can be seen of those is that they are registered on a node. */
  readonly isOnCluster: boolean;
  readonly clock: Clock;
}

/** What a running platform knows beside what it is asked. */
export interface PlatformExplainer extends Explainer {
  readonly statuses: ClaimStatuses;
}

/** Answers from what the informers hold: of the API only what the user may see is asked. Resolves when they hold everything. */
export async function explainerOf({ informers, drivers, isOnCluster, clock }: ExplainerOptions): Promise<PlatformExplainer> {
  const parts = informers.shared(gatherClusterParts);
  const connected = driversConnected(drivers);
  const choice: DriverChoice = (onNodes) => (isOnCluster ? eitherOf(connected, onNodes) : connected);
  await informers.start();
  const answering = answeringFrom(async (client, options) => {
    // why a list of one: it is refused as the whole list would be, with the same words and the same line in the audit log
    const look = async (resource: Resource, namespace: string): Promise<void> =>
      void (await client.list(resource, { ...(namespace === '' ? {} : { namespace }), limit: 1 }));
    return viewCluster(parts, await takeSight(look, options), choice);
  });
  const cluster = viewCluster(parts, WHOLE, choice);
  return { ...answering, statuses: new ClaimStatuses({ parts, cluster, drivers, clock }) };
}

/** Answers from whole lists, made for each question: for an API of which no informers are at hand. */
export const listingExplainer: Explainer = answeringFrom(listCluster);

function answeringFrom(see: (client: Client, options: SightOptions) => Promise<Cluster>): Explainer {
  return {
    explain: (client, kind, key) => kind.explain(key, { client, see: (options) => see(client, options) }),
    whatWaits: async (client, namespace) => waitingObjects(await see(client, { namespace, scope: 'cluster' }), namespace),
  };
}
