import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
  VolumeAttachment,
} from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { findVolumesOnNode } from '#controllers/cluster/binding/find-matching-volume.ts';
import { VolumeIndex } from '#controllers/cluster/binding/volume-index.ts';
import type { SchedulingView } from '#controllers/cluster/scheduling/filter.ts';
import { PodLedger } from '#controllers/cluster/scheduling/pod-ledger.ts';
import { PromisedCapacity } from '#controllers/cluster/scheduling/promised-capacity.ts';
import { volumeInformer } from './fakes/volume-informer.ts';

/** A cluster as a test writes it down. */
export interface SmallCluster {
  readonly nodes?: readonly Node[];
  /** Those with a node count as placed. */
  readonly pods?: readonly Pod[];
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly classes?: readonly StorageClass[];
  readonly csiNodes?: readonly CSINode[];
  readonly csiDrivers?: readonly CSIDriver[];
  readonly attachments?: readonly VolumeAttachment[];
  readonly capacities?: readonly CSIStorageCapacity[];
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly rivals?: readonly string[];
}

/** What the scheduler sees of it. */
export function schedulingView(cluster: SmallCluster): SchedulingView {
  const { nodes = [], pods = [], claims = [], volumes = [], capacities = [], namespaces = {} } = cluster;
  const ledger = new PodLedger();
  for (const pod of pods) ledger.put(pod);
  const promised = new PromisedCapacity();
  for (const claim of claims) promised.put(claim);
  const { informer, put } = volumeInformer();
  const index = new VolumeIndex(informer);
  for (const volume of volumes) put(volume);
  return {
    nodes,
    ledger,
    node: named(nodes),
    claim: named(claims),
    claimOf: (key) => claims.find((claim) => formatKey(keyOf(claim)) === key),
    volume: named(volumes),
    storageClass: named(cluster.classes),
    matches: (claim, node, limit) => findVolumesOnNode(claim, index, { node, limit }),
    csiNode: named(cluster.csiNodes),
    csiDriver: named(cluster.csiDrivers),
    attachmentsOn: (name) => (cluster.attachments ?? []).filter(({ spec }) => spec.nodeName === name),
    capacities: (className) => capacities.filter(({ storageClassName }) => storageClassName === className),
    promisedBytes: (className, isCounted) => promised.sum(className, isCounted),
    namespaceLabels: (name) => namespaces[name],
    rivals: cluster.rivals ?? [],
  };
}

function named<K extends { readonly metadata: { readonly name: string } }>(objects: readonly K[] = []): (name: string) => K | undefined {
  const byName = new Map(objects.map((object) => [object.metadata.name, object]));
  return (name) => byName.get(name);
}
