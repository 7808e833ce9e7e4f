import { findCondition } from '../conditions.ts';
import type { Node, Taint } from '../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain, labelValue, qualifiedName } from '../meta/validate-name.ts';
import { nodes } from '../resources.ts';
import { ageColumn, column, nameColumn, NONE } from './columns.ts';

const TAINT_EFFECTS = ['NoExecute', 'NoSchedule', 'PreferNoSchedule'];
const ROLE_PREFIX = 'node-role.kubernetes.io/';
const ROLE_LABEL = 'kubernetes.io/role';
const UNKNOWN = '<unknown>';

/** core/v1 Node. */
export const nodeKind: KindDefinition<Node> = {
  resource: nodes,
  schema: 'io.k8s.api.core.v1.Node',
  subresources: ['status'],
  applyDefaults: (node) => {
    const { status } = node;
    const allocatable = status?.allocatable ?? status?.capacity;
    return { ...node, spec: node.spec ?? {}, ...(allocatable === undefined ? {} : { status: { ...status, allocatable } }) };
  },
  // why: a node that registers brings its status along
  prepareForCreate: (node) => node,
  validate: (node) => [
    ...validateMetadata(node.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateTaints(node.spec.taints ?? [], 'spec.taints'),
  ],
  validateUpdate: (next, previous) => {
    const before = previous.spec.providerID ?? '';
    return before === '' || before === (next.spec.providerID ?? '')
      ? []
      : [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')];
  },
  selectableFields: { 'spec.unschedulable': (node) => String(node.spec.unschedulable === true) },
  columns: [
    nameColumn(),
    column({ name: 'Status', description: 'Whether the node takes pods.' }, formatStatus),
    column({ name: 'Roles', description: 'What the node is for.' }, formatRoles),
    ageColumn(),
    column(
      { name: 'Version', description: 'The version of the agent on the node.' },
      ({ status }) => status?.nodeInfo?.kubeletVersion ?? '',
    ),
    column({ name: 'Internal-IP', description: 'Its address inside the cluster.', isWide: true }, (node) => addressOf(node, 'InternalIP')),
    column({ name: 'External-IP', description: 'Its address outside the cluster.', isWide: true }, (node) => addressOf(node, 'ExternalIP')),
    column({ name: 'OS-Image', description: 'Its operating system.', isWide: true }, ({ status }) => orUnknown(status?.nodeInfo?.osImage)),
    column({ name: 'Kernel-Version', description: 'Its kernel.', isWide: true }, ({ status }) =>
      orUnknown(status?.nodeInfo?.kernelVersion),
    ),
    column({ name: 'Container-Runtime', description: 'What runs its containers.', isWide: true }, ({ status }) =>
      orUnknown(status?.nodeInfo?.containerRuntimeVersion),
    ),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function validateTaints(taints: readonly Taint[], field: string): readonly FieldError[] {
  const seen = new Set<string>();
  return taints.flatMap((taint, index) => {
    const at = `${field}[${index}]`;
    const faults = [
      ...qualifiedName(taint.key ?? '').map((fault) => invalid(`${at}.key`, taint.key, fault)),
      ...labelValue(taint.value ?? '').map((fault) => invalid(`${at}.value`, taint.value, fault)),
    ];
    if ((taint.effect ?? '') === '') faults.push(required(`${at}.effect`));
    else if (!TAINT_EFFECTS.includes(taint.effect)) faults.push(notSupported(`${at}.effect`, taint.effect, TAINT_EFFECTS));
    const identity = `${taint.effect}/${taint.key}`;
    if (seen.has(identity)) faults.push({ ...duplicate(at, taint), detail: 'taints must be unique by key and effect pair' });
    seen.add(identity);
    return faults;
  });
}

function formatStatus(node: Node): string {
  const ready = findCondition(node.status?.conditions, 'Ready');
  const readiness = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec.unschedulable === true ? `${readiness},SchedulingDisabled` : readiness;
}

function formatRoles(node: Node): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) return [key.slice(ROLE_PREFIX.length)];
    return key === ROLE_LABEL && value !== '' ? [value] : [];
  });
  return roles.length === 0 ? NONE : [...new Set(roles)].toSorted().join(',');
}

function addressOf(node: Node, type: string): string {
  return node.status?.addresses?.find((address) => address.type === type)?.address ?? NONE;
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === '' ? UNKNOWN : text;
}
