import type { DeletedClaim } from '#api/generated/definitions.ts';
import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  Event,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { GrantsIn } from '#api/storage/reference-grant.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { SchedulingParts } from '../../cluster/scheduling/scheduling-parts.ts';
import { driversOnNodes, type KnownDrivers } from './drivers.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { ObjectView } from './object-view.ts';
import type { Sight } from './sight.ts';

/** What explanations are made from, for one question of one user: what he may see of it. */
export interface Cluster {
  /** What he may not list, by plural name. Claims and pods: those of other namespaces. */
  readonly unseen: ReadonlySet<string>;
  readonly namespaces: ObjectView<Namespace>;
  readonly claims: ObjectView<PersistentVolumeClaim>;
  readonly volumes: ObjectView<PersistentVolume>;
  readonly classes: ObjectView<StorageClass>;
  readonly pods: ObjectView<Pod>;
  readonly nodes: ObjectView<Node>;
  readonly csiNodes: ObjectView<CSINode>;
  readonly csiDrivers: ObjectView<CSIDriver>;
  /** Those that can be asked for volumes. */
  readonly drivers: KnownDrivers;
  readonly capacities: ObjectView<CSIStorageCapacity>;
  readonly attributesClasses: ObjectView<VolumeAttributesClass>;
  readonly attachments: ObjectView<VolumeAttachment>;
  /** Of the namespace in question. */
  readonly quotas: readonly ResourceQuota[];
  /** Of the namespace in question. */
  readonly events: ObjectView<Event>;
  /** The grants of a namespace, also of one that the user may not see: what they refuse to a claim is told on it. */
  readonly grantsIn: GrantsIn;
  /** Claims that can be brought back, where the kind is served. */
  readonly deletedClaims: ObjectView<DeletedClaim>;
  /** What the scheduler has summed up of everything, also of what the user may not see. */
  readonly scheduling: SchedulingParts;
}

/** Which drivers count, given those that are registered on nodes. */
export type DriverChoice = (onNodes: KnownDrivers) => KnownDrivers;

/** What `sight` leaves of it. `drivers`: those that can be asked for volumes, where more is known than what is registered on nodes. */
export function viewCluster(parts: ClusterParts, sight: Sight, drivers: DriverChoice = (onNodes) => onNodes): Cluster {
  const view = <K extends KubeObject>(objects: Informer<K>): ObjectView<K> => new ObjectView(objects, sight.reachOf(objects.resource));
  const csiNodes = view(parts.csiNodes);
  return {
    unseen: sight.unseen,
    namespaces: view(parts.namespaces),
    claims: view(parts.claims),
    volumes: view(parts.volumes),
    classes: view(parts.classes),
    pods: view(parts.pods),
    nodes: view(parts.nodes),
    csiNodes,
    drivers: drivers(driversOnNodes(csiNodes)),
    csiDrivers: view(parts.csiDrivers),
    capacities: view(parts.capacities),
    attributesClasses: view(parts.attributesClasses),
    attachments: view(parts.attachments),
    quotas: view(parts.quotas).byIndex('ofNamespace', sight.namespace),
    events: view(parts.events),
    grantsIn: (namespace) => parts.grants.byIndex('ofNamespace', namespace),
    deletedClaims: view(parts.deletedClaims),
    scheduling: parts.scheduling,
  };
}
