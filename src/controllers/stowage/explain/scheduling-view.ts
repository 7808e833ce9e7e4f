import type { Pod } from '#api/generated/kubernetes.ts';
import { classOfClaim, requestedBytesOf } from '#api/storage/claim.ts';
import { parseKey } from '#api/meta/object.ts';
import { findVolumesOnNode } from '../../cluster/binding/find-matching-volume.ts';
import type { SchedulingView } from '../../cluster/scheduling/filter.ts';
import { ledgerView, type PlacedPods } from '../../cluster/scheduling/ledger-view.ts';
import { PodLedger } from '../../cluster/scheduling/pod-ledger.ts';
import { promisedNodeOf } from '../../cluster/scheduling/promised-capacity.ts';
import type { Cluster } from './cluster.ts';

/**
 * What the scheduler looks at for `pod`, as far as the user may see it: others' pods, and what was promised to others' claims, are not even told in sums.
 * Claims for one pod only are left out: they are told once, not for each node.
 */
export function schedulingViewOf(pod: Pod, cluster: Cluster): SchedulingView {
  const { namespace = '' } = pod.metadata;
  const { scheduling } = cluster;
  return {
    nodes: cluster.nodes.all(),
    ledger: ledgerFor(pod, cluster),
    claim: (name) => cluster.claims.get({ namespace, name }),
    claimOf: (key) => cluster.claims.get(parseKey(key)),
    node: (name) => cluster.nodes.named(name),
    volume: (name) => cluster.volumes.named(name),
    storageClass: (name) => cluster.classes.named(name),
    csiDriver: (name) => cluster.csiDrivers.named(name),
    attachmentsOn: (name) => cluster.attachments.byIndex('node', name),
    csiNode: (name) => cluster.csiNodes.named(name),
    capacities: (className) => cluster.capacities.byIndex('class', className),
    promisedBytes: cluster.claims.isWhole
      ? (className, isCounted) => scheduling.promised.sum(className, isCounted)
      : (className, isCounted) => promisedTo(cluster, className, isCounted),
    namespaceLabels: (name) => cluster.namespaces.named(name)?.metadata.labels,
    matches: (claim, node, limit) => findVolumesOnNode(claim, scheduling.index, { node, limit }),
    rivals: [],
  };
}

/** The scheduler's own account, without the pod itself where it has a place in mind for it; of what the user may see where that is less. */
function ledgerFor(pod: Pod, cluster: Cluster): PlacedPods {
  const { ledger, nominations } = cluster.scheduling;
  const { uid, namespace = '' } = pod.metadata;
  if (!cluster.pods.isWhole) return ownLedger(cluster, namespace);
  const nominated = nominations.before(pod).filter((placed) => ledger.nodeOf(placed.pod.metadata.uid) === undefined);
  const isPlaced = ledger.nodeOf(uid) !== undefined;
  return ledgerView(ledger, { without: new Set(isPlaced ? [uid] : []), with: nominated });
}

function ownLedger(cluster: Cluster, namespace: string): PlacedPods {
  const known = ledgers.get(cluster);
  if (known !== undefined) return known;
  const ledger = new PodLedger();
  for (const pod of cluster.pods.byIndex('ofNamespace', namespace)) ledger.put(pod);
  ledgers.set(cluster, ledger);
  return ledger;
}

/** What is the same for all pods of one question is summed up once: many are explained one after another, all of one namespace. */
const ledgers = new WeakMap<Cluster, PlacedPods>();

function promisedTo({ claims }: Cluster, className: string, isCounted: (nodeName: string) => boolean): bigint {
  const counted = claims.byIndex('waitingClass', className).filter((claim) => {
    const nodeName = promisedNodeOf(claim);
    return nodeName !== undefined && classOfClaim(claim) === className && isCounted(nodeName);
  });
  return counted.reduce((sum, claim) => sum + requestedBytesOf(claim), 0n);
}
