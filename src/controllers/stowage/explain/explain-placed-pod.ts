import type { ContainerStatus, Node, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import type { Explanation, Finding } from '#api/explanation.ts';
import { type Cluster, warningsAbout } from './explanation.ts';
import { claimFindings } from './pod-claim-findings.ts';
import { podAttachments } from './pod-attachments.ts';

/** Why a pod that has its node, or is on its way out, is as it is: node, claims, attachments, containers, what was told of it. Pure. */
export function explainPlacedPod(pod: Pod, cluster: Cluster): Explanation {
  if (pod.metadata.deletionTimestamp !== undefined) return explainDeletion(pod, cluster);
  return (pod.status?.phase ?? 'Pending') === 'Pending' ? explainWaiting(pod, cluster) : explainStarted(pod, cluster);
}

function explainDeletion(pod: Pod, cluster: Cluster): Explanation {
  const node = nodeProblem(pod, cluster);
  const warnings = warningsAbout(cluster, pod).filter(({ subject }) => subject === 'event FailedKillPod');
  const finalizers = (pod.metadata.finalizers ?? []).map((text): Finding => ({ subject: 'finalizer', text }));
  const findings = [...node.findings, ...finalizers, ...containerFindings(pod), ...warnings];
  const name = `pod ${formatKey(keyOf(pod))}`;
  if (node.findings.length > 0)
    return { state: 'blocked', summary: `${name} is being deleted, and its node can't confirm it`, findings, remedies: node.remedies };
  if (warnings.length > 0)
    return { state: 'blocked', summary: `${name} is being deleted, and what it used is not let go`, findings, remedies: [MEND_EVENT] };
  return { state: 'busy', summary: `${name} is being deleted`, findings, remedies: [] };
}

function explainStarted(pod: Pod, cluster: Cluster): Explanation {
  const phase = pod.status?.phase ?? '';
  const node = nodeProblem(pod, cluster);
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  const summary = `pod ${formatKey(keyOf(pod))} is ${phase}`;
  if (phase === 'Succeeded' || (ready?.status === 'True' && node.findings.length === 0))
    return { state: 'fine', summary, findings: [], remedies: [] };
  const reason = node.findings.length > 0 ? 'its node is not ready, or gone' : whyUnready(pod);
  const findings = [...node.findings, ...containerFindings(pod), ...warningsAbout(cluster, pod)];
  return { state: 'blocked', summary: `${summary}: ${reason}`, findings, remedies: node.remedies };
}

function whyUnready({ status }: Pod): string {
  return status?.message ?? status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? 'not ready';
}

function explainWaiting(pod: Pod, cluster: Cluster): Explanation {
  const [node, claims, attachments] = [nodeProblem(pod, cluster), claimFindings(pod, cluster), podAttachments(pod, cluster)];
  const [containers, warnings] = [containerFindings(pod), warningsAbout(cluster, pod)];
  const findings = [...node.findings, ...claims.findings, ...attachments.findings, ...containers, ...warnings];
  const isBlocked = [node.findings, attachments.remedies, warnings].some(({ length }) => length > 0) || claims.isBlocked;
  const summary = `pod ${formatKey(keyOf(pod))} is Pending on node ${pod.spec.nodeName ?? ''}${isBlocked ? '' : ': it is being started'}`;
  const known = [...node.remedies, ...claims.remedies, ...attachments.remedies];
  const remedies = known.length === 0 && warnings.length > 0 ? [MEND_EVENT] : known;
  return { state: isBlocked ? 'blocked' : 'busy', summary, findings, remedies };
}

const MEND_EVENT = 'mend what the event says; it is tried again by itself';

/** What is wrong with the pod's node; nothing where it is ready. */
function nodeProblem(pod: Pod, cluster: Cluster): { readonly findings: readonly Finding[]; readonly remedies: readonly string[] } {
  const { nodeName = '' } = pod.spec;
  if (nodeName === '' || cluster.unseen.has('nodes')) return { findings: [], remedies: [] };
  const node = cluster.nodes.find(({ metadata }) => metadata.name === nodeName);
  const text = node === undefined ? 'does not exist' : whyNotReady(node);
  if (text === undefined) return { findings: [], remedies: [] };
  const remedies = [
    `start node ${nodeName} again`,
    `where it is off for good: kubectl taint node ${nodeName} node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`,
  ];
  return { findings: [{ subject: `node ${nodeName}`, text }], remedies: node === undefined ? ['delete the pod with --force'] : remedies };
}

function whyNotReady({ status }: Node): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return (ready?.message ?? '') === '' ? 'is not ready' : `is not ready: ${ready?.message ?? ''}`;
}

function containerFindings({ status }: Pod): readonly Finding[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap((container) => {
    const text = waitingText(container);
    return text === undefined ? [] : [{ subject: `container ${container.name}`, text }];
  });
}

function waitingText({ state }: ContainerStatus): string | undefined {
  const { waiting, terminated } = state ?? {};
  if (waiting !== undefined) return `waits: ${waiting.reason ?? ''}${waiting.message === undefined ? '' : `: ${waiting.message}`}`;
  return terminated === undefined || terminated.exitCode === 0
    ? undefined
    : `ended with ${terminated.exitCode} (${terminated.reason ?? ''})`;
}
