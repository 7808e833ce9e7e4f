import type { ContainerStatus, Node, Pod } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { healthOf } from './health-findings.ts';
import { claimFindings } from './pod-claim-findings.ts';
import { podAttachments } from './pod-attachments.ts';
import { blocked, busy, fine } from './states.ts';

/** Why a pod that has its node, or is on its way out, is as it is: node, claims, attachments, containers, what was told of it. Pure. */
export function explainPlacedPod(pod: Pod, cluster: Cluster): Explanation {
  if (pod.metadata.deletionTimestamp !== undefined) return explainDeletion(pod, cluster);
  return (pod.status?.phase ?? 'Pending') === 'Pending' ? explainWaiting(pod, cluster) : explainStarted(pod, cluster);
}

function objectOf(pod: Pod): string {
  return `pod ${formatKey(keyOf(pod))}`;
}

function explainDeletion(pod: Pod, cluster: Cluster): Explanation {
  const node = nodeProblem(pod, cluster);
  const warnings = warningsAbout(cluster, pod).filter(({ subject }) => subject === 'event FailedKillPod');
  const finalizers = (pod.metadata.finalizers ?? []).map((text): Finding => ({ subject: 'finalizer', words: said(text) }));
  const findings = [...node.findings, ...finalizers, ...containerFindings(pod), ...warnings];
  const object = objectOf(pod);
  if (node.findings.length > 0) return blocked(words('podDeletionUnconfirmed', { object }), findings, node.remedies);
  if (warnings.length > 0) return blocked(words('podDeletionStuck', { object }), findings, [words('mendEvent')]);
  return busy(words('beingDeleted', { object }), findings);
}

function explainStarted(pod: Pod, cluster: Cluster): Explanation {
  const values = { object: objectOf(pod), phase: pod.status?.phase ?? '' };
  const node = nodeProblem(pod, cluster);
  if (values.phase === 'Succeeded') return fine(words('podIs', values));
  const health = (pod.status?.volumeHealth ?? []).map((volume) => healthOf(volume, `volume ${volume.name}`));
  const unwell = health.flatMap(({ findings }) => findings);
  if (isReady(pod) && node.findings.length === 0) {
    if (unwell.length === 0) return fine(words('podIs', values));
    return blocked(words('podVolumesUnwell', values), unwell, [
      ...new Map(health.flatMap(({ remedies }) => remedies).map((one) => [one.code, one])).values(),
    ]);
  }
  const crash = crashOf(pod);
  const why = node.findings.length > 0 ? words('nodeNotReadyOrGone') : (crash.why ?? whyUnready(pod));
  const findings = [...node.findings, ...crash.findings, ...containerFindings(pod), ...unwell, ...warningsAbout(cluster, pod)];
  return blocked(words('podIsBecause', { ...values, why }), findings, [...node.remedies, ...crash.remedies]);
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function whyUnready({ status }: Pod): Words {
  const text = status?.message ?? status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? status?.reason;
  return text === undefined ? words('notReady') : said(text);
}

const NO_CRASH: Crash = { why: undefined, findings: [], remedies: [] };

interface Crash {
  /** Absent where none does. */
  readonly why: Words | undefined;
  readonly findings: readonly Finding[];
  readonly remedies: readonly Words[];
}

/** A container that ends again and again: with what, what it said last, and where the rest of its words are. */
function crashOf({ metadata, status }: Pod): Crash {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const container = statuses.find(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff');
  const last = container?.lastState?.terminated;
  if (container === undefined || last === undefined) return NO_CRASH;
  const { name } = container;
  return {
    why: words('podCrashes', { container: name, times: String(container.restartCount), exitCode: String(last.exitCode) }),
    findings: lastWords(name, last.message),
    remedies: [words('readLogs', { pod: metadata.name, namespace: metadata.namespace ?? '', container: name })],
  };
}

function lastWords(container: string, message = ''): readonly Finding[] {
  const text = message.trimEnd().split('\n').at(-1) ?? '';
  return text === '' ? [] : [{ subject: `container ${container}`, words: words('lastWords', { text }) }];
}

function explainWaiting(pod: Pod, cluster: Cluster): Explanation {
  const [node, claims, attachments] = [nodeProblem(pod, cluster), claimFindings(pod, cluster), podAttachments(pod, cluster)];
  const warnings = warningsAbout(cluster, pod);
  const crash = crashOf(pod);
  const containers = [...crash.findings, ...containerFindings(pod)];
  const findings = [...node.findings, ...claims.findings, ...attachments.findings, ...containers, ...warnings];
  const isBlocked = [node.findings, attachments.remedies, warnings].some(({ length }) => length > 0) || claims.isBlocked;
  const values = { object: objectOf(pod), node: pod.spec.nodeName ?? '' };
  const known = [...node.remedies, ...claims.remedies, ...attachments.remedies, ...crash.remedies];
  const remedies = known.length === 0 && warnings.length > 0 ? [words('mendEvent')] : known;
  const summary = words(isBlocked ? 'podPendingOnNode' : 'podStarts', values);
  return isBlocked ? blocked(summary, findings, remedies) : busy(summary, findings, remedies);
}

/** What is wrong with the pod's node; nothing where it is ready. */
function nodeProblem(pod: Pod, cluster: Cluster): { readonly findings: readonly Finding[]; readonly remedies: readonly Words[] } {
  const { nodeName = '' } = pod.spec;
  if (nodeName === '' || cluster.unseen.has('nodes')) return { findings: [], remedies: [] };
  const subject = `node ${nodeName}`;
  const node = cluster.nodes.named(nodeName);
  if (node === undefined) return { findings: [{ subject, words: words('missing') }], remedies: [words('deleteByForce')] };
  const why = whyNotReady(node);
  if (why === undefined) return { findings: [], remedies: [] };
  return {
    findings: [{ subject, words: why }],
    remedies: [words('nodeStartAgain', { node: nodeName }), words('nodeOffForGood', { node: nodeName })],
  };
}

/** Why the node is not ready; undefined where it is. Pure. */
export function whyNotReady({ status }: Node): Words | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status === 'True') return undefined;
  const why = ready?.message ?? '';
  return why === '' ? words('isNotReady') : words('isNotReadyBecause', { why });
}

function containerFindings({ status }: Pod): readonly Finding[] {
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap((container) => {
    const sentence = whyWaiting(container);
    return sentence === undefined ? [] : [{ subject: `container ${container.name}`, words: sentence }];
  });
}

function whyWaiting({ state }: ContainerStatus): Words | undefined {
  const { waiting, terminated } = state ?? {};
  if (waiting !== undefined) {
    const { reason = '', message } = waiting;
    return message === undefined ? words('containerWaits', { reason }) : words('containerWaitsBecause', { reason, message });
  }
  if (terminated === undefined || terminated.exitCode === 0) return undefined;
  return words('containerEnded', { exitCode: String(terminated.exitCode), reason: terminated.reason ?? '' });
}
