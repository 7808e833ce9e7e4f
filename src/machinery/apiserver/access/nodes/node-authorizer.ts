import { parseFieldSelector } from '#api/meta/field-selector.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import {
  configMaps,
  csiNodes,
  leases,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  secrets,
  serviceAccounts,
  volumeAttachments,
} from '#api/resources.ts';
import type { Attributes, Authorizer, Verdict } from '../../contract/authorizer.ts';
import { NODE_RULES } from '../rbac/node-rules.ts';
import { ruleAllows } from '../rbac/rule-matching.ts';
import type { NodeGraph } from './node-graph.ts';
import { nodeNameOf } from './node-identity.ts';
import type { Referenced } from './references.ts';

type OfResource = Extract<Attributes, { type: 'resource' }>;

interface Asked {
  readonly nodeName: string;
  readonly attributes: OfResource;
  readonly graph: NodeGraph;
}

/** Why a node may not; undefined where it may, `''` where there is nothing to say. */
type Refusal = string | undefined;

const LEASE_NAMESPACE = 'kube-node-lease';
const OWN_VERBS: ReadonlySet<string> = new Set(['get', 'create', 'update', 'patch', 'delete']);

/** What nodes may is decided object by object for these; for all others by rules that are the same for every node. */
const SUBDIVIDED: ReadonlyMap<string, (asked: Asked) => Refusal> = new Map([
  [groupResourceOf(secrets), readRelated('secrets')],
  [groupResourceOf(configMaps), readRelated('configmaps')],
  [groupResourceOf(persistentVolumeClaims), claimRefusal],
  [groupResourceOf(persistentVolumes), getRelated('persistentvolumes')],
  [groupResourceOf(volumeAttachments), getRelated('volumeattachments')],
  [groupResourceOf(serviceAccounts), accountRefusal],
  [groupResourceOf(leases), leaseRefusal],
  [groupResourceOf(csiNodes), csiNodeRefusal],
  [groupResourceOf(nodes), nodeRefusal],
  [groupResourceOf(pods), podRefusal],
]);

/** The authorization mode `Node`: a node reads what its pods use, and nothing of other nodes (plugin/pkg/auth/authorizer/node). */
export function nodeAuthorizer(graph: NodeGraph): Authorizer {
  return {
    name: 'Node',
    authorize: (attributes): Verdict => {
      const nodeName = nodeNameOf(attributes.user);
      if (nodeName === undefined) return { verdict: 'no-opinion' };
      if (nodeName === '') return { verdict: 'no-opinion', reason: `unknown node for user ${JSON.stringify(attributes.user.name)}` };
      const decide = attributes.type === 'resource' ? SUBDIVIDED.get(nameOf(attributes)) : undefined;
      if (decide === undefined || attributes.type !== 'resource')
        return { verdict: NODE_RULES.some((rule) => ruleAllows(rule, attributes)) ? 'allow' : 'no-opinion' };
      const refusal = decide({ nodeName, attributes, graph });
      if (refusal === undefined) return { verdict: 'allow' };
      return { verdict: 'no-opinion', ...(refusal === '' ? {} : { reason: refusal }) };
    },
    rulesFor: () => [],
  };
}

function nameOf({ resource: { group, plural } }: OfResource): string {
  return groupResourceOf({ group, plural });
}

function related({ nodeName, attributes, graph }: Asked, plural: Referenced | 'volumeattachments'): Refusal {
  if (attributes.name === '') return 'No Object name found';
  return graph.leadsTo(nodeName, plural, attributes) ? undefined : `no relationship found between node '${nodeName}' and this object`;
}

function readRelated(plural: Referenced): (asked: Asked) => Refusal {
  return (asked) => {
    const { verb, subresource, namespace } = asked.attributes;
    if (!['get', 'list', 'watch'].includes(verb)) return 'can only read resources of this type';
    if (subresource !== '') return 'cannot read subresource';
    return namespace === '' ? 'can only read namespaced object of this type' : related(asked, plural);
  };
}

function getRelated(plural: Referenced | 'volumeattachments'): (asked: Asked) => Refusal {
  return (asked) => {
    const { verb, subresource } = asked.attributes;
    if (verb !== 'get') return 'can only get individual resources of this type';
    return subresource === '' ? related(asked, plural) : 'cannot get subresource';
  };
}

function claimRefusal(asked: Asked): Refusal {
  const { verb, subresource } = asked.attributes;
  if (subresource !== 'status') return getRelated('persistentvolumeclaims')(asked);
  return ['update', 'patch'].includes(verb) ? related(asked, 'persistentvolumeclaims') : 'can only get/update/patch this type';
}

function accountRefusal(asked: Asked): Refusal {
  const { verb, subresource, name } = asked.attributes;
  if (verb === 'get' && subresource === '') return readRelated('serviceaccounts')(asked);
  if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
  return subresource === 'token' ? related(asked, 'serviceaccounts') : 'can only create token subresource of serviceaccount';
}

function leaseRefusal({ nodeName, attributes: { verb, namespace, name } }: Asked): Refusal {
  if (!OWN_VERBS.has(verb)) return 'can only get, create, update, patch, or delete a node lease';
  if (namespace !== LEASE_NAMESPACE) return `can only access leases in the ${JSON.stringify(LEASE_NAMESPACE)} system namespace`;
  // why: whose a new one is, only admission can know
  return verb === 'create' || name === nodeName ? undefined : 'can only access node lease with the same name as the requesting node';
}

function csiNodeRefusal({ nodeName, attributes: { verb, subresource, name } }: Asked): Refusal {
  if (!OWN_VERBS.has(verb)) return 'can only get, create, update, patch, or delete a CSINode';
  if (subresource !== '' && (subresource !== 'status' || verb !== 'patch')) return 'cannot authorize CSINode subresources';
  return verb === 'create' || name === nodeName ? undefined : 'can only access CSINode with the same name as the requesting node';
}

function nodeRefusal({ nodeName, attributes: { verb, subresource, name } }: Asked): Refusal {
  if (subresource === 'status') return ['update', 'patch'].includes(verb) ? undefined : '';
  if (subresource !== '') return '';
  if (['create', 'update', 'patch'].includes(verb)) return undefined;
  if (!['get', 'list', 'watch'].includes(verb)) return '';
  if (name === nodeName) return undefined;
  const what = name === '' ? 'all nodes' : `'${name}'`;
  return `node '${nodeName}' cannot read ${what}, only its own Node object`;
}

function podRefusal(asked: Asked): Refusal {
  const { verb, subresource } = asked.attributes;
  switch (subresource) {
    case '':
      return wholePodRefusal(asked);
    case 'status':
      return verb === 'update' || verb === 'patch' ? undefined : '';
    case 'eviction':
      return verb === 'create' ? undefined : '';
    default:
      return '';
  }
}

function wholePodRefusal(asked: Asked): Refusal {
  const { nodeName, attributes } = asked;
  switch (attributes.verb) {
    case 'create':
    case 'delete':
      return undefined;
    case 'get':
      return related(asked, 'pods');
    case 'list':
    case 'watch':
      if (selectsNode(attributes, nodeName)) return undefined;
      return attributes.name === '' ? 'can only list/watch pods with spec.nodeName field selector' : related(asked, 'pods');
    default:
      return '';
  }
}

function selectsNode({ fieldSelector = '' }: OfResource, nodeName: string): boolean {
  const parsed = parseFieldSelector(fieldSelector);
  return parsed.ok && parsed.value.some(({ field, isEqual, value }) => field === 'spec.nodeName' && isEqual && value === nodeName);
}
