import type { DaemonSet, Node, Pod, PodTemplateSpec, Toleration } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { hasUntoleratedTaint, isNodeSelected } from '../../scheduling/node-fit.ts';
import { nameBase, podFromTemplate } from '../pod-template.ts';
import { REVISION_HASH } from '../revision-history.ts';

/** What every daemon bears: it is part of the node (daemon util `AddOrUpdateDaemonPodTolerations`). */
const TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const ON_HOST_NETWORK: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' };
const NODE_NAME = 'metadata.name';

/** Whether a daemon of `set` belongs on `node`, and whether one that is there may stay (daemon_controller.go `NodeShouldRunDaemonPod`). Pure. */
export function placeOf({ spec }: DaemonSet, node: Node): 'wanted' | 'tolerated' | 'unwanted' {
  const template = spec.template.spec;
  const tolerations = tolerationsOf(spec.template);
  const nodeName = template?.nodeName ?? '';
  const isMeant = nodeName === '' || nodeName === node.metadata.name;
  if (template === undefined || !isMeant || !isNodeSelected(template, node)) return 'unwanted';
  if (hasUntoleratedTaint(node, tolerations, ['NoExecute'])) return 'unwanted';
  return hasUntoleratedTaint(node, tolerations, ['NoSchedule']) ? 'tolerated' : 'wanted';
}

/** The node that a daemon runs on, or is meant for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === NODE_NAME)?.values?.[0];
}

/** The daemon of `set` for one node, made from the template with that hash. Pure. */
export function daemonDraft(
  set: DaemonSet,
  daemon: { readonly nodeName: string; readonly hash: string; readonly suffix: string },
): Draft<Pod> {
  const { template } = set.spec;
  const generateName = nameBase(set.metadata.name);
  const draft = podFromTemplate(set, template, {
    name: `${generateName}${daemon.suffix}`,
    generateName,
    labels: { [REVISION_HASH]: daemon.hash },
  });
  const { affinity } = draft.spec;
  const nodeSelectorTerms = [{ matchFields: [{ key: NODE_NAME, operator: 'In', values: [daemon.nodeName] }] }];
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return { ...draft, spec: { ...draft.spec, affinity: { ...affinity, nodeAffinity }, tolerations: tolerationsOf(template) } };
}

function tolerationsOf({ spec }: PodTemplateSpec): readonly Toleration[] {
  const own = spec?.tolerations ?? [];
  const needed = spec?.hostNetwork === true ? [...TOLERATIONS, ON_HOST_NETWORK] : TOLERATIONS;
  return [...own, ...needed.filter(({ key, effect }) => !own.some((given) => given.key === key && given.effect === effect))];
}
