import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { formatKey, keyOf, type ObjectKey } from '#api/meta/object.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import type { Explanation, Finding } from '#api/explanation.ts';
import { whyNodeUnfit } from '../scheduling/node-fit.ts';
import { type PodClaims, sortPodClaims } from '../scheduling/pod-claims.ts';
import { assignVolumes, type VolumeLookup } from '../scheduling/volume-fit.ts';
import { explainPlacedPod } from './explain-placed-pod.ts';
import { type Cluster, warningsAbout } from './explanation.ts';
import { claimFindings } from './pod-claim-findings.ts';
import { whyVolumeUnfit } from './volume-reason.ts';

/** Why the pod is as it is: its claims, each node with the reason against it, attachments, containers. Pure. */
export function explainPod(key: ObjectKey, cluster: Cluster): Explanation {
  const name = `pod ${formatKey(key)}`;
  const pod = cluster.pods.find(({ metadata }) => metadata.name === key.name && metadata.namespace === key.namespace);
  if (pod === undefined)
    return {
      state: 'blocked',
      summary: `${name} does not exist`,
      findings: [],
      remedies: ['create it, or look for it in another namespace with -n'],
    };
  const isPlaced = (pod.spec.nodeName ?? '') !== '' || (pod.status?.phase ?? 'Pending') !== 'Pending';
  return isPlaced || pod.metadata.deletionTimestamp !== undefined
    ? explainPlacedPod(pod, cluster)
    : explainUnscheduled(pod, cluster, warningsAbout(cluster, pod));
}

function explainUnscheduled(pod: Pod, cluster: Cluster, warnings: readonly Finding[]): Explanation {
  const name = `pod ${formatKey(keyOf(pod))}`;
  const gates = (pod.spec.schedulingGates ?? []).map((gate): Finding => ({
    subject: `scheduling gate ${gate.name}`,
    text: 'holds the pod back',
  }));
  if (gates.length > 0)
    return { state: 'blocked', summary: `${name} is Pending: gates hold it back`, findings: gates, remedies: ['take the gates off'] };
  const claims = claimFindings(pod, cluster);
  const sorted = sortPodClaims(pod, lookupOf(pod, cluster));
  const taken = exclusiveFindings(pod, cluster);
  const nodes = sorted.ok ? cluster.nodes.map((node) => nodeFinding(node, { pod, claims: sorted.value, cluster })) : [];
  const findings = [...claims.findings, ...taken, ...nodes, ...warnings];
  if (!sorted.ok) return { state: 'blocked', summary: `${name} is Pending: ${sorted.error}`, findings, remedies: claims.remedies };
  if (taken.length > 0)
    return {
      state: 'blocked',
      summary: `${name} is Pending: a claim for one pod only is in use`,
      findings,
      remedies: ['end the pod that uses the claim'],
    };
  if (cluster.nodes.length === 0)
    return { state: 'blocked', summary: `${name} is Pending: there is no node`, findings, remedies: ['wait for a node, or start one'] };
  const isPlaceable = nodes.some(({ text }) => text === FITS);
  if (isPlaceable) return { state: 'busy', summary: `${name} is Pending and about to get a node`, findings, remedies: [] };
  return {
    state: 'blocked',
    summary: `${name} is Pending: no node will do`,
    findings,
    remedies: ['change the pod, a node or a claim as the reasons say', ...claims.remedies],
  };
}

const FITS = 'fits';

function nodeFinding(
  node: Node,
  { pod, claims, cluster }: { readonly pod: Pod; readonly claims: PodClaims; readonly cluster: Cluster },
): Finding {
  const subject = `node ${node.metadata.name}`;
  const unfit = whyNodeUnfit(pod, node);
  if (unfit !== undefined) return { subject, text: unfit };
  const assigned = assignVolumes(claims, node, volumeLookupOf(pod, cluster));
  return { subject, text: assigned.ok ? FITS : assigned.error.reason };
}

function volumeLookupOf(pod: Pod, cluster: Cluster): VolumeLookup {
  return {
    ...lookupOf(pod, cluster),
    volume: (name) => find(cluster.volumes, name),
    node: (name) => find(cluster.nodes, name),
    matches: (claim, node, limit) => {
      const usable = cluster.volumes.filter((volume) => isVolumeUsableOn(volume, node) && whyVolumeUnfit(claim, volume) === undefined);
      return usable.toSorted((a, b) => Number(capacityBytesOf(a) - capacityBytesOf(b))).slice(0, limit);
    },
    // why: the scheduler's own event tells of room; what drivers publish changes from moment to moment
    csiDriver: () => undefined,
    capacities: () => [],
    promisedBytes: () => 0n,
  };
}

function lookupOf(pod: Pod, cluster: Cluster): Parameters<typeof sortPodClaims>[1] {
  const { namespace } = pod.metadata;
  return {
    claim: (name) => cluster.claims.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    storageClass: (name) => find(cluster.classes, name),
  };
}

/** Claims for one pod only that another pod has. */
function exclusiveFindings(pod: Pod, cluster: Cluster): readonly Finding[] {
  return claimKeysOfPod(pod).flatMap((key) => {
    const claim = cluster.claims.find((candidate) => formatKey(keyOf(candidate)) === key);
    if (claim?.spec.accessModes?.includes('ReadWriteOncePod') !== true) return [];
    const others = cluster.pods.filter(
      (other) => other.metadata.uid !== pod.metadata.uid && isRunning(other) && claimKeysOfPod(other).includes(key),
    );
    return others.map((other) => ({
      subject: `claim ${claim.metadata.name}`,
      text: `is ReadWriteOncePod and pod ${other.metadata.name} uses it`,
    }));
  });
}

function isRunning({ spec, status }: Pod): boolean {
  return (spec.nodeName ?? '') !== '' && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

function find<K extends { readonly metadata: { readonly name: string } }>(objects: readonly K[], name: string): K | undefined {
  return objects.find(({ metadata }) => metadata.name === name);
}
