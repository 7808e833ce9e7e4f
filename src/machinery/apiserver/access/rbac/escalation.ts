import type { ClusterRole, PolicyRule, RoleRef, RoleBinding, Role } from '#api/generated/kubernetes.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { clusterRoleBindings, clusterRoles, RBAC_GROUP, roleBindings, roles } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../contract/admission.ts';
import { forbidden, notFound } from '../../contract/status-error.ts';
import { MASTERS, type UserInfo } from '../../contract/user.ts';
import type { RbacAuthorizer } from './rbac-authorizer.ts';
import { compactRules, describeRule, missingRules, quoteList } from './rule-coverage.ts';

const ROLES: ReadonlySet<string> = new Set([roles, clusterRoles].map(groupResourceOf));
const BINDINGS: ReadonlySet<string> = new Set([roleBindings, clusterRoleBindings].map(groupResourceOf));

const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/**
 * Nobody hands out rights that he does not have: who writes a role needs its rights or the verb `escalate`, who writes a binding those of its role or the verb `bind`
 * (upstream pkg/registry/rbac/…/policybased).
 */
export function escalationCheck(rbac: RbacAuthorizer): AdmissionPlugin {
  return {
    name: 'rbac-escalation',
    validate(request) {
      if (request.verb === 'delete' || request.user.groups.includes(MASTERS)) return;
      const resource = groupResourceOf(request.kind.resource);
      if (ROLES.has(resource)) checkRole(rbac, request);
      else if (BINDINGS.has(resource)) checkBinding(rbac, request);
    },
  };
}

function checkRole(rbac: RbacAuthorizer, request: AdmissionRequest): void {
  const { user, key, kind, object, previous } = request;
  // why trusted: the kind of the request was checked above, and its schema before
  const role = trusted<Role | ClusterRole>(object);
  const before = trusted<Role | ClusterRole | undefined>(previous);
  const isSame =
    before !== undefined && deepEqual(before.rules ?? [], role.rules ?? []) && deepEqual(aggregationOf(before), aggregationOf(role));
  if (isSame || may(rbac, user, { verb: 'escalate', resource: kind.resource, ...key })) return;
  if (aggregationOf(role) !== undefined && missingRules(rbac.rulesFor(user, ''), EVERYTHING).length > 0) {
    throw forbidden(kind.resource, key.name, 'must have cluster-admin privileges to use the aggregationRule');
  }
  requireHeld(rbac, request, role.rules ?? []);
}

function checkBinding(rbac: RbacAuthorizer, request: AdmissionRequest): void {
  const { user, key, object, previous } = request;
  // why trusted: as above; both kinds of binding have these members
  const binding = trusted<RoleBinding>(object);
  const before = trusted<RoleBinding | undefined>(previous);
  if (before !== undefined && deepEqual(before.subjects ?? [], binding.subjects ?? [])) return;
  const { roleRef } = binding;
  const resource = resourceOfRole(roleRef);
  if (may(rbac, user, { verb: 'bind', resource, namespace: key.namespace, name: roleRef.name })) return;
  const rules = rbac.rulesOf(roleRef, key.namespace);
  if (rules === undefined) throw notFound({ group: RBAC_GROUP, plural: resource.plural }, roleRef.name);
  requireHeld(rbac, request, rules);
}

function requireHeld(rbac: RbacAuthorizer, { user, key, kind }: AdmissionRequest, wanted: readonly PolicyRule[]): void {
  const missing = compactRules(missingRules(rbac.rulesFor(user, key.namespace), wanted));
  if (missing.length === 0) return;
  const rights = missing.map(describeRule).toSorted();
  const who = `user ${JSON.stringify(user.name)} (groups=${quoteList(user.groups)})`;
  throw forbidden(kind.resource, key.name, `${who} is attempting to grant RBAC permissions not currently held:\n${rights.join('\n')}`);
}

function aggregationOf(role: Role | ClusterRole): unknown {
  return 'aggregationRule' in role ? role.aggregationRule : undefined;
}

function resourceOfRole({ kind }: RoleRef): typeof roles | typeof clusterRoles {
  return kind === 'ClusterRole' ? clusterRoles : roles;
}

interface Asked {
  readonly verb: string;
  readonly resource: AdmissionRequest['kind']['resource'];
  readonly namespace: string;
  readonly name: string;
}

function may(rbac: RbacAuthorizer, user: UserInfo, asked: Asked): boolean {
  return rbac.authorize({ type: 'resource', user, subresource: '', ...asked }).verdict === 'allow';
}
