import type { Node, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { csiNodes, leases, nodes, persistentVolumeClaims, pods } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { nodeNameOf } from '../../access/nodes/node-identity.ts';
import { forbidden, notFound } from '../../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../../contract/admission.ts';
import { mirrorPodRefusal } from './mirror-pods.ts';
import { forbiddenLabels } from './node-labels.ts';
import { tokenRefusal } from './node-tokens.ts';

interface Asked {
  readonly nodeName: string;
  readonly request: AdmissionRequest;
  readonly view: StoreView;
}

/** Why a node may not write this; undefined where it may. */
type Rule = (asked: Asked) => string | undefined;

const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  [groupResourceOf(pods), podRefusal],
  [groupResourceOf(nodes), nodeRefusal],
  [groupResourceOf(persistentVolumeClaims), claimRefusal],
  [groupResourceOf(leases), ownNamed('can only access node lease with the same name as the requesting node')],
  [groupResourceOf(csiNodes), ownNamed('can only access CSINode with the same name as the requesting node')],
]);

/** The admission plugin `NodeRestriction`: a node writes its own objects and the status of its own pods, and can't draw work to itself (plugin/pkg/admission/noderestriction). */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  mutate: (request, view) => {
    requireOwn(request, view);
    return undefined;
  },
  validate: (request, view) => {
    // why only those: everything else was asked about before others changed it
    if (request.verb === 'delete') requireOwn(request, view);
  },
  validateToken: ({ user, key, kind }, spec, view) => {
    const nodeName = nodeNameOf(user);
    if (nodeName === undefined) return;
    const refusal = tokenRefusal({ nodeName, userName: user.name, namespace: key.namespace, spec }, view);
    if (refusal !== undefined) throw forbidden(kind.resource, key.name, refusal);
  },
};

/** @throws ApiError `PermissionDenied` */
function requireOwn(request: AdmissionRequest, view: StoreView): void {
  const { user, kind, key } = request;
  const nodeName = nodeNameOf(user);
  if (nodeName === undefined) return;
  if (nodeName === '') throw forbidden(kind.resource, key.name, `could not determine node from user ${JSON.stringify(user.name)}`);
  const refusal = RULES.get(groupResourceOf(kind.resource))?.({ nodeName, request, view });
  if (refusal !== undefined) throw forbidden(kind.resource, key.name, refusal);
}

function podRefusal(asked: Asked): string | undefined {
  const { subresource } = asked.request;
  switch (subresource) {
    case '':
      return wholePodRefusal(asked);
    case 'status':
      return podStatusRefusal(asked);
    default:
      return `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`;
  }
}

function wholePodRefusal({ nodeName, request, view }: Asked): string | undefined {
  const { verb, previous, object } = request;
  const node = JSON.stringify(nodeName);
  switch (verb) {
    case 'create': {
      const own = view.get(nodes, { namespace: '', name: nodeName });
      if (own === undefined) throw notFound(nodes, nodeName);
      return mirrorPodRefusal(trusted<Pod>(object), { nodeName, nodeUid: own.metadata.uid });
    }
    case 'delete':
      return isOn(previous, nodeName) ? undefined : `node ${node} can only delete pods with spec.nodeName set to itself`;
    case 'update':
      return `unexpected operation "UPDATE", node ${node} can only create and delete mirror pods`;
    default:
      return `unexpected operation "CONNECT", node ${node} can not reach into pods`;
  }
}

function podStatusRefusal({ nodeName, request: { object, previous } }: Asked): string | undefined {
  const node = JSON.stringify(nodeName);
  if (!isOn(previous, nodeName)) return `node ${node} can only update pod status for pods with spec.nodeName set to itself`;
  const [next, before] = [trusted<Pod>(object), trusted<Pod>(previous)];
  const isSame = (read: (pod: Pod) => unknown): boolean => deepEqual(read(next), read(before));
  if (!isSame(({ metadata }) => metadata.labels ?? {})) return `node ${node} cannot update labels through pod status`;
  if (!isSame(({ status }) => status?.resourceClaimStatuses ?? [])) return `node ${node} cannot update resource claim statues`;
  if (!isSame(({ status }) => status?.extendedResourceClaimStatus)) return `node ${node} cannot update extended resource claim status`;
  return undefined;
}

function isOn(pod: KubeObject | undefined, nodeName: string): boolean {
  // why trusted: the store holds under pods only what their kind let through
  return pod !== undefined && trusted<Pod>(pod).spec.nodeName === nodeName;
}

function nodeRefusal({ nodeName, request }: Asked): string | undefined {
  const { verb, key, object, previous } = request;
  if (key.name !== nodeName) return `node ${JSON.stringify(nodeName)} is not allowed to modify node ${JSON.stringify(key.name)}`;
  if (verb === 'delete') return undefined;
  const next = trusted<Node>(object);
  return previous === undefined ? newNodeRefusal(nodeName, next) : changedNodeRefusal(nodeName, next, trusted<Node>(previous));
}

function newNodeRefusal(nodeName: string, { spec, metadata }: Node): string | undefined {
  const node = JSON.stringify(nodeName);
  if (spec?.configSource !== undefined) return `node ${node} is not allowed to create pods with a non-nil configSource`;
  const labels = forbiddenLabels(metadata.labels);
  return labels.length === 0 ? undefined : `node ${node} is not allowed to set the following labels: ${labels.join(', ')}`;
}

function changedNodeRefusal(nodeName: string, next: Node, before: Node): string | undefined {
  const node = JSON.stringify(nodeName);
  const isSame = (read: (one: Node) => unknown): boolean => deepEqual(read(next), read(before));
  if (next.spec?.configSource !== undefined && !isSame(({ spec }) => spec?.configSource))
    return `node ${node} is not allowed to update configSource to a new non-nil configSource`;
  if (!isSame(({ spec }) => spec?.taints ?? [])) return `node ${node} is not allowed to modify taints`;
  if (!isSame(({ metadata }) => metadata.ownerReferences ?? [])) return `node ${node} is not allowed to modify ownerReferences`;
  const labels = forbiddenLabels(next.metadata.labels, before.metadata.labels);
  return labels.length === 0 ? undefined : `is not allowed to modify labels: ${labels.join(', ')}`;
}

function claimRefusal({ nodeName, request: { subresource, object, previous } }: Asked): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status';
  if (deepEqual(withoutGrowth(object), withoutGrowth(previous))) return undefined;
  return `node ${JSON.stringify(nodeName)} is not allowed to update fields other than status.quantity and status.conditions`;
}

/** A claim without what a node tells of the growth of its volume. */
function withoutGrowth(claim: KubeObject | undefined): unknown {
  const { metadata, status = {}, ...rest } = trusted<PersistentVolumeClaim>(claim);
  const { resourceVersion: _version, managedFields: _fields, ...keptMetadata } = metadata;
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResources: _resources,
    allocatedResourceStatuses: _states,
    ...kept
  } = status;
  return { ...rest, metadata: keptMetadata, status: kept };
}

function ownNamed(refusal: string): Rule {
  return ({ nodeName, request: { key } }) => (key.name === nodeName ? undefined : refusal);
}
