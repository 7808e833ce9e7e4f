import { deletedClaims, referenceGrants } from '#api/generated/definitions.ts';
import type { CSINode, Event, PersistentVolumeClaim, ResourceQuota } from '#api/generated/kubernetes.ts';
import { type Explanation, tell } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  events,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from '#api/resources.ts';
import type { Cluster } from '#controllers/stowage/explain/cluster.ts';
import { formatExplanation } from '#controllers/stowage/explain/explanation.ts';
import { clusterOfLists } from '#controllers/stowage/explain/listed-cluster.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim, type ClaimOverrides } from './claim.ts';

const RESOURCES = {
  namespaces,
  claims: persistentVolumeClaims,
  volumes: persistentVolumes,
  classes: storageClasses,
  pods,
  nodes,
  csiNodes,
  csiDrivers,
  capacities: csiStorageCapacities,
  attributesClasses: volumeAttributesClasses,
  attachments: volumeAttachments,
  quotas: resourceQuotas,
  events,
  grants: referenceGrants,
  deletedClaims,
} satisfies Readonly<Record<string, Resource>>;

/** What explanations are made from, as a test writes it down. */
export type Listed = { readonly [K in keyof typeof RESOURCES]?: (typeof RESOURCES)[K] extends Resource<infer T> ? readonly T[] : never } & {
  /** Plural names of what the user may not list; of claims and pods those of other namespaces than `default`. */
  readonly unseen?: ReadonlySet<string>;
};

/** A cluster of that and nothing else, asked about an object of the namespace `default`. */
export function clusterOf({ unseen = new Set(), ...listed }: Listed): Promise<Cluster> {
  const lists = new Map<Resource, readonly KubeObject[]>();
  for (const [name, resource] of Object.entries<Resource>(RESOURCES))
    lists.set(resource, trusted<Readonly<Record<string, readonly KubeObject[]>>>(listed)[name] ?? []);
  return clusterOfLists(lists, {
    unseen,
    namespace: 'default',
    reachOf: (resource) => {
      if (!unseen.has(resource.plural)) return 'all';
      return resource.isNamespaced ? { namespace: 'default' } : 'none';
    },
  });
}

/** A node on which `driver` is registered. */
export function csiNodeOf(driver: string): CSINode {
  return trusted({ metadata: { name: 'node-1' }, spec: { drivers: [{ name: driver, nodeID: 'n' }] } });
}

/** A quota of the name `q`. */
export function quotaOf(status: ResourceQuota['status']): ResourceQuota {
  return trusted({ metadata: { name: 'q', namespace: 'default' }, status });
}

/** A warning about the object with `uid`. */
export function warningAbout(uid: string, reason: string, message: string): Event {
  return trusted({
    metadata: { name: `${uid}.${reason}`, namespace: 'default' },
    type: 'Warning',
    reason,
    message,
    involvedObject: { uid },
    lastTimestamp: '2026-01-01T00:00:00Z',
  });
}

/** A claim that waits, with the UID `c-1`. */
export function waitingClaim(of: ClaimOverrides = {}): PersistentVolumeClaim {
  return aStoredClaim({ status: { phase: 'Pending' }, uid: 'c-1', ...of });
}

/** Everything that an explanation says, for matching. */
export function textOfExplanation(explanation: Explanation): string {
  return formatExplanation(tell(explanation, 'en')).join('\n');
}
