import type { CSINode, Node, Pod } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { PodLedger } from '../../cluster/scheduling/pod-ledger.ts';
import { nanoOfText } from '../../cluster/scheduling/pod-load.ts';
import { whyNotReady } from './explain-placed-pod.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { amountText } from './node-findings.ts';
import { blocked, fine } from './states.ts';
import { explainUnseen } from './unseen.ts';

/** Of what pods take from a node, what is told. */
const RESOURCES = ['cpu', 'memory', 'pods'] as const;

/** Why the node takes pods or not: its condition, its taints, its drivers, what is taken of it. Pure. */
export function explainNode(name: string, cluster: Cluster): Explanation {
  const object = `node ${name}`;
  const unseen = explainUnseen(object, cluster, ['nodes']);
  if (unseen !== undefined) return unseen;
  const node = cluster.nodes.named(name);
  if (node === undefined) return blocked(words('notThere', { object }), [], []);
  const drivers = cluster.csiNodes.named(name)?.spec.drivers ?? [];
  const taints = node.spec?.taints ?? [];
  const findings = [
    ...taints.map(({ key, effect }) => ({
      subject: `taint ${key}:${effect}`,
      words: words(effect === 'PreferNoSchedule' ? 'taintPrefers' : 'taint'),
    })),
    ...pressures(node),
    ...drivers.map((driver) => ({ subject: `driver ${driver.name}`, words: words('driverHere') })),
    ...storageFindings(cluster.csiNodes.named(name)),
    ...usedFindings(node, cluster.pods.byIndex('node', name)),
    ...warningsAbout(cluster, node),
  ];
  const notReady = whyNotReady(node);
  if (notReady !== undefined)
    return blocked(words('nodeUnwell', { object, why: notReady }), findings, [
      words('nodeStartAgain', { node: name }),
      words('nodeOffForGood', { node: name }),
    ]);
  if (node.spec?.unschedulable === true)
    return blocked(words('nodeUnwell', { object, why: words('nodeCordoned') }), findings, [words('uncordon', { node: name })]);
  const own = taints.filter(({ key, effect }) => key.startsWith(NODE_TAINTS) && effect !== 'PreferNoSchedule');
  if (own.length === 0) return fine(words('nodeWell', { object }), findings);
  const why = words('nodeTainted', { taints: own.map(({ key, effect }) => `${key}:${effect}`).join(', ') });
  return blocked(words('nodeUnwell', { object, why }), findings, [words('waitForTaint')]);
}

/** Of taints that say how a node is (core/v1 well known taints). */
const NODE_TAINTS = 'node.kubernetes.io/';

/** What presses the node: conditions beside Ready that are true. */
function pressures({ status }: Node): readonly Finding[] {
  const pressing = (status?.conditions ?? []).filter(({ type, status: is }) => type !== 'Ready' && is === 'True');
  return pressing.map(({ type, message }) => ({ subject: `condition ${type}`, words: said(message ?? '') }));
}

/** What drivers say of their storage, as the node reaches it. */
function storageFindings(csiNode: CSINode | undefined): readonly Finding[] {
  return (csiNode?.status?.storageHealth ?? []).flatMap(({ name, healthConditions = [] }) =>
    healthConditions.map(({ status, reason, message, accessMode, volumeMode, lastTransitionTime: since = '' }) => ({
      subject: `storage of ${name}`,
      words: words('healthSaid', {
        reason: [status, reason, accessMode, volumeMode].filter((word) => word !== undefined).join(', '),
        since,
        text: message ?? '',
      }),
    })),
  );
}

function usedFindings({ metadata, status }: Node, pods: readonly Pod[]): readonly Finding[] {
  const ledger = new PodLedger();
  for (const pod of pods) ledger.put(pod);
  const { requested } = ledger.loadOf(metadata.name);
  return RESOURCES.map((resource) => ({
    subject: resource,
    words: words('usedOf', {
      used: amountText(resource, requested.get(resource) ?? 0n),
      total: amountText(resource, nanoOfText(status?.allocatable?.[resource])),
    }),
  }));
}
