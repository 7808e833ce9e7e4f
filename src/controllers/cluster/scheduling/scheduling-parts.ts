import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  StorageClass,
  VolumeAttachment,
} from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods,
  storageClasses,
  volumeAttachments,
} from '#api/resources.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { indexVolumes, type VolumeIndex } from '../binding/volume-index.ts';
import { ATTACHMENT_INDEXES, CAPACITY_INDEXES, CLAIM_INDEXES, NAMESPACE_INDEX, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { BlockedPods } from './blocked-pods.ts';
import { Nominations } from './nominations.ts';
import { PodLedger } from './pod-ledger.ts';
import { PromisedCapacity } from './promised-capacity.ts';

/** What scheduling looks at. */
export interface SchedulingParts {
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly csiNodes: Informer<CSINode>;
  readonly csiDrivers: Informer<CSIDriver>;
  readonly attachments: Informer<VolumeAttachment>;
  readonly capacities: Informer<CSIStorageCapacity>;
  readonly namespaces: Informer<Namespace>;
  readonly index: VolumeIndex;
  readonly ledger: PodLedger;
  readonly nominations: Nominations;
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly promised: PromisedCapacity;
  readonly blocked: BlockedPods;
}

/** Gathers what scheduling looks at; what is summed up follows the informers from now on: ask for it by `informers.shared`. */
export function gatherSchedulingParts(informers: InformerFactory): SchedulingParts {
  const parts: SchedulingParts = {
    pods: informers.for(pods, POD_INDEXES),
    nodes: informers.for(nodes),
    claims: informers.for(persistentVolumeClaims, CLAIM_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    classes: informers.for(storageClasses),
    csiNodes: informers.for(csiNodes),
    csiDrivers: informers.for(csiDrivers),
    attachments: informers.for(volumeAttachments, ATTACHMENT_INDEXES),
    capacities: informers.for(csiStorageCapacities, CAPACITY_INDEXES),
    namespaces: informers.for(namespaces),
    index: informers.shared(indexVolumes),
    ledger: new PodLedger(),
    nominations: new Nominations(),
    budgets: informers.for(podDisruptionBudgets, NAMESPACE_INDEX),
    promised: new PromisedCapacity(),
    blocked: new BlockedPods(),
  };
  const { ledger, nominations, promised, blocked } = parts;
  const put = (pod: Pod): void => {
    ledger.put(pod);
    nominations.put(pod);
  };
  for (const pod of parts.pods.all()) put(pod);
  for (const claim of parts.claims.all()) promised.put(claim);
  // why before the controller's own subscription, and never disposed: what is summed up is up to date when pods are woken, and lives as long as the informers
  parts.pods.subscribe({
    onUpsert: put,
    onDelete: (pod) => {
      ledger.remove(pod.metadata.uid);
      nominations.remove(pod.metadata.uid);
      blocked.note(formatKey(keyOf(pod)), new Set());
    },
  });
  parts.claims.subscribe({ onUpsert: (claim) => promised.put(claim), onDelete: ({ metadata }) => promised.remove(metadata.uid) });
  return parts;
}
