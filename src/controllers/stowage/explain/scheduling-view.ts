import type { Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import type { SchedulingView } from '../../cluster/scheduling/filter.ts';
import { PodLedger } from '../../cluster/scheduling/pod-ledger.ts';
import { PromisedCapacity } from '../../cluster/scheduling/promised-capacity.ts';
import type { Cluster } from './explanation.ts';
import { whyVolumeUnfit } from '#api/storage/volume-reason.ts';

/** What the scheduler would look at for `pod`, from lists. Claims for one pod only are left out: they are told once, not for each node. Pure. */
export function schedulingViewOf(pod: Pod, cluster: Cluster): SchedulingView {
  const { namespace = '' } = pod.metadata;
  const shared = shares.get(cluster) ?? sharedView(cluster);
  shares.set(cluster, shared);
  return { ...shared, claim: (name) => shared.claimOf(formatKey({ namespace, name })) };
}

/** What is the same for all pods of a cluster is made once: many are explained one after another. */
const shares = new WeakMap<Cluster, Omit<SchedulingView, 'claim'>>();

function sharedView(cluster: Cluster): Omit<SchedulingView, 'claim'> {
  const ledger = new PodLedger();
  for (const other of cluster.pods) ledger.put(other);
  const promised = new PromisedCapacity();
  for (const claim of cluster.claims) promised.put(claim);
  const claims = new Map(cluster.claims.map((claim) => [formatKey(keyOf(claim)), claim]));
  const namespaceNamed = lookup(cluster.namespaces);
  return {
    nodes: cluster.nodes,
    ledger,
    claimOf: (key) => claims.get(key),
    node: lookup(cluster.nodes),
    volume: lookup(cluster.volumes),
    storageClass: lookup(cluster.classes),
    csiDriver: lookup(cluster.csiDrivers),
    csiNode: lookup(cluster.csiNodes),
    capacities: (className) => cluster.capacities.filter(({ storageClassName }) => storageClassName === className),
    promisedBytes: (className, isCounted) => promised.sum(className, isCounted),
    namespaceLabels: (name) => namespaceNamed(name)?.metadata.labels,
    matches: (claim, node, limit) => {
      const usable = cluster.volumes.filter((volume) => isVolumeUsableOn(volume, node) && whyVolumeUnfit(claim, volume) === undefined);
      return usable.toSorted((one, other) => Number(capacityBytesOf(one) - capacityBytesOf(other))).slice(0, limit);
    },
    rivals: [],
  };
}

interface Named {
  readonly metadata: { readonly name: string };
}

function lookup<K extends Named>(objects: readonly K[]): (name: string) => K | undefined {
  const named = new Map(objects.map((object) => [object.metadata.name, object]));
  return (name) => named.get(name);
}
