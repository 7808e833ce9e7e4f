import type { Pod } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { formatKey, keyOf, type ObjectKey } from '#api/meta/object.ts';
import type { Explanation, Finding } from '#api/explanation.ts';
import { sortPodClaims } from '../../cluster/scheduling/pod-claims.ts';
import { explainPlacedPod } from './explain-placed-pod.ts';
import { type Cluster, warningsAbout } from './explanation.ts';
import { FITS, nodeFindings } from './node-findings.ts';
import { claimFindings } from './pod-claim-findings.ts';
import { quotaFindings } from './quota-findings.ts';
import { schedulingViewOf } from './scheduling-view.ts';
import { explainBlindly, isBlindfolded } from './unseen.ts';

/** Why the pod is as it is: its claims, each node with the reason against it, attachments, containers. Pure. */
export function explainPod(key: ObjectKey, cluster: Cluster): Explanation {
  const name = `pod ${formatKey(key)}`;
  const pod = cluster.pods.find(({ metadata }) => metadata.name === key.name && metadata.namespace === key.namespace);
  if (pod === undefined)
    return {
      state: 'blocked',
      summary: `${name} does not exist`,
      // why: what was to make it may have been refused
      findings: quotaFindings(cluster, () => true),
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
  if (isBlindfolded(cluster)) return explainBlindly(`${name} is Pending`, cluster, [...claims.findings, ...warnings]);
  const view = schedulingViewOf(pod, cluster);
  const sorted = sortPodClaims(pod, view);
  const taken = exclusiveFindings(pod, cluster);
  const nodes = sorted.ok ? nodeFindings(pod, sorted.value, view) : [];
  const unseen = cluster.unseen.has('pods') ? [UNSEEN] : [];
  // why nodes first: where the claims can be placed, what is wrong is the nodes
  const findings = [...taken, ...nodes, ...warnings, ...claims.findings, ...unseen];
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
  // why: what is taken by pods that the user may not see speaks only through the scheduler's event
  const isRefused = unseen.length > 0 && warnings.some(({ subject }) => subject === 'event FailedScheduling');
  const isPlaceable = nodes.some(({ text }) => text === FITS) && !isRefused;
  if (isPlaceable) return { state: 'busy', summary: `${name} is Pending and about to get a node`, findings, remedies: [] };
  return {
    state: 'blocked',
    summary: `${name} is Pending: no node will do`,
    findings,
    remedies: ['change the pod, a node or a claim as the reasons say', ...claims.remedies],
  };
}

const UNSEEN: Finding = {
  subject: 'pods of other namespaces',
  text: 'you may not see them: what they take of the nodes is not counted here',
};

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
