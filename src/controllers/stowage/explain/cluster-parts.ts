import { type DeletedClaim, deletedClaims, type ReferenceGrant, referenceGrants } from '#api/generated/definitions.ts';
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
import { formatKey } from '#api/meta/object.ts';
import { growthStateOf } from '#api/storage/growth.ts';
import { modificationStateOf } from '#api/storage/modification.ts';
import { classOfVolume } from '#api/storage/volume.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { gatherSchedulingParts, type SchedulingParts } from '../../cluster/scheduling/scheduling-parts.ts';
import { ATTACHMENT_INDEXES, CAPACITY_INDEXES, CLAIM_INDEXES, NAMESPACE_INDEX, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';

/** Where explanations find objects: the informers that controllers hold anyway, and what the scheduler has summed up from them. */
export interface ClusterParts {
  readonly namespaces: Informer<Namespace>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly csiNodes: Informer<CSINode>;
  readonly csiDrivers: Informer<CSIDriver>;
  /** What drivers say of the room that they have. */
  readonly capacities: Informer<CSIStorageCapacity>;
  readonly attributesClasses: Informer<VolumeAttributesClass>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly quotas: Informer<ResourceQuota>;
  readonly events: Informer<Event>;
  readonly grants: Informer<ReferenceGrant>;
  readonly deletedClaims: Informer<DeletedClaim>;
  readonly scheduling: SchedulingParts;
}

/** The value of an index under which objects stand whatever their namespace or class. */
export const EVERYWHERE = '*';

/** Claims that wait, or are on the way to something else: by namespace, and all. */
const WAITING_CLAIMS = {
  unsettled: (claim: PersistentVolumeClaim): readonly string[] => (mayWait(claim) ? [claim.metadata.namespace ?? '', EVERYWHERE] : []),
};

/** Pods that are not well, the same. */
const WAITING_PODS = { unsettled: (pod: Pod): readonly string[] => (mayBeUnwell(pod) ? [pod.metadata.namespace ?? '', EVERYWHERE] : []) };

/** Volumes that are no claim's: by class, and all. */
const UNBOUND_VOLUMES = {
  unbound: (volume: PersistentVolume): readonly string[] => (volume.status?.phase === 'Bound' ? [] : [classOfVolume(volume), EVERYWHERE]),
};

/** Nodes by the drivers that run there. */
const DRIVER_NODES = { driver: ({ spec }: CSINode): readonly string[] => spec.drivers.map(({ name }) => name) };

/** What can be brought back, by the claim that it was. */
const DELETED_INDEX = {
  ofClaim: ({ metadata, spec }: DeletedClaim): readonly string[] => [
    formatKey({ namespace: metadata.namespace ?? '', name: spec.claimName }),
  ],
};

/** Warnings by the object that they are about. */
const WARNINGS = {
  warned: ({ type, involvedObject: { uid } }: Event): readonly string[] => (type === 'Warning' && uid !== undefined ? [uid] : []),
};

/** Gathers where explanations find objects: ask for it by `informers.shared`. */
export function gatherClusterParts(informers: InformerFactory): ClusterParts {
  return {
    namespaces: informers.for(namespaces),
    claims: informers.for(persistentVolumeClaims, { ...CLAIM_INDEXES, ...WAITING_CLAIMS }),
    volumes: informers.for(persistentVolumes, { ...VOLUME_INDEXES, ...UNBOUND_VOLUMES }),
    classes: informers.for(storageClasses),
    pods: informers.for(pods, { ...POD_INDEXES, ...NAMESPACE_INDEX, ...WAITING_PODS }),
    nodes: informers.for(nodes),
    csiNodes: informers.for(csiNodes, DRIVER_NODES),
    csiDrivers: informers.for(csiDrivers),
    capacities: informers.for(csiStorageCapacities, CAPACITY_INDEXES),
    attributesClasses: informers.for(volumeAttributesClasses),
    attachments: informers.for(volumeAttachments, ATTACHMENT_INDEXES),
    quotas: informers.for(resourceQuotas, NAMESPACE_INDEX),
    events: informers.for(events, WARNINGS),
    grants: informers.for(referenceGrants, NAMESPACE_INDEX),
    deletedClaims: informers.for(deletedClaims, { ...NAMESPACE_INDEX, ...DELETED_INDEX }),
    scheduling: informers.shared(gatherSchedulingParts),
  };
}

function mayWait(claim: PersistentVolumeClaim): boolean {
  const { metadata, status } = claim;
  const isChanging = growthStateOf(claim, true) !== 'none' || modificationStateOf(claim) !== 'none';
  return status?.phase !== 'Bound' || metadata.deletionTimestamp !== undefined || isChanging;
}

function mayBeUnwell({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return true;
  const { phase = 'Pending', conditions = [] } = status ?? {};
  // why not Failed: it is over, and who made it makes another where one is wanted
  return phase !== 'Succeeded' && phase !== 'Failed' && conditions.find(({ type }) => type === 'Ready')?.status !== 'True';
}
