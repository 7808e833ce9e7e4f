import type { Pod } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { formatKey, keyOf, type ObjectKey, parseKey } from '#api/meta/object.ts';
import { sortPodClaims } from '../../cluster/scheduling/pod-claims.ts';
import { explainPlacedPod } from './explain-placed-pod.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { nodeFindings } from './node-findings.ts';
import { claimFindings } from './pod-claim-findings.ts';
import { quotaFindings } from './quota-findings.ts';
import { schedulingViewOf } from './scheduling-view.ts';
import { blocked, busy } from './states.ts';
import { explainBlindly, isBlindfolded } from './unseen.ts';

/** Why the pod is as it is: its claims, each node with the reason against it, attachments, containers. Pure. */
export function explainPod(key: ObjectKey, cluster: Cluster): Explanation {
  const object = `pod ${formatKey(key)}`;
  const pod = cluster.pods.get(key);
  if (pod === undefined)
    return blocked(
      words('notThere', { object }),
      // why: what was to make it may have been refused
      quotaFindings(cluster, () => true),
      [words('createOrLookElsewhere')],
    );
  const isPlaced = (pod.spec.nodeName ?? '') !== '' || (pod.status?.phase ?? 'Pending') !== 'Pending';
  return isPlaced || pod.metadata.deletionTimestamp !== undefined
    ? explainPlacedPod(pod, cluster)
    : explainUnscheduled(pod, cluster, warningsAbout(cluster, pod));
}

function explainUnscheduled(pod: Pod, cluster: Cluster, warnings: readonly Finding[]): Explanation {
  const object = `pod ${formatKey(keyOf(pod))}`;
  const pending = (why: Words): Words => words('pendingBecause', { object, why });
  const gates = (pod.spec.schedulingGates ?? []).map((gate) => ({ subject: `scheduling gate ${gate.name}`, words: words('holdsPodBack') }));
  if (gates.length > 0) return blocked(pending(words('gatesHoldPod')), gates, [words('takeGatesOff')]);
  const claims = claimFindings(pod, cluster);
  if (isBlindfolded(cluster)) return explainBlindly(object, cluster, [...claims.findings, ...warnings]);
  const view = schedulingViewOf(pod, cluster);
  const sorted = sortPodClaims(pod, view);
  const taken = exclusiveFindings(pod, cluster);
  const nodes = sorted.ok ? nodeFindings(pod, sorted.value, view) : [];
  const unseen = cluster.unseen.has('pods') ? [UNSEEN] : [];
  // why nodes first: where the claims can be placed, what is wrong is the nodes
  const findings = [...taken, ...nodes, ...warnings, ...claims.findings, ...unseen];
  if (!sorted.ok) return blocked(pending(said(sorted.error)), findings, claims.remedies);
  if (taken.length > 0) return blocked(pending(words('exclusiveClaimInUse')), findings, [words('endHolder')]);
  if (cluster.nodes.size === 0) return blocked(pending(words('noNodeAtAll')), findings, [words('startNode')]);
  // why the event: the scheduler counts pods that the user may not see
  const isRefused = unseen.length > 0 && warnings.some(({ subject }) => subject === 'event FailedScheduling');
  const isPlaceable = nodes.some((node) => node.words.code === 'fits') && !isRefused;
  if (isPlaceable) return busy(words('aboutToGetNode', { object }), findings);
  return blocked(pending(words('noNodeWillDo')), findings, [words('changeAsReasonsSay'), ...claims.remedies]);
}

const UNSEEN: Finding = { subject: 'pods of other namespaces', words: words('otherPodsUnseen') };

/** Claims for one pod only that another pod has. */
function exclusiveFindings(pod: Pod, cluster: Cluster): readonly Finding[] {
  return claimKeysOfPod(pod).flatMap((key) => {
    const claim = cluster.claims.get(parseKey(key));
    if (claim?.spec.accessModes?.includes('ReadWriteOncePod') !== true) return [];
    const others = cluster.pods.byIndex('claim', key).filter((other) => other.metadata.uid !== pod.metadata.uid && isRunning(other));
    return others.map((other) => ({
      subject: `claim ${claim.metadata.name}`,
      words: words('exclusiveHolder', { pod: other.metadata.name }),
    }));
  });
}

function isRunning({ spec, status }: Pod): boolean {
  return (spec.nodeName ?? '') !== '' && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}
