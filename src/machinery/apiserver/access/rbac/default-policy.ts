import type { ClusterRole, ClusterRoleBinding, PolicyRule } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { RBAC_GROUP } from '#api/resources.ts';
import { AUTHENTICATED_GROUP as AUTHENTICATED, MASTERS } from '../../contract/user.ts';
import { NODE_RULES } from './node-rules.ts';
import { ADMIN_RULES, EDIT_RULES, VIEW_RULES } from './user-rules.ts';

/** Set to "false" on a default role or binding, it is left as a user made it (rbac/v1 `AutoUpdateAnnotationKey`). */
export const AUTO_UPDATE = 'rbac.authorization.kubernetes.io/autoupdate';

const UNAUTHENTICATED = 'system:unauthenticated';

interface RoleFacts {
  readonly rules?: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Gathers the rules of roles with these labels. */
  readonly gathers?: Readonly<Record<string, string>>;
}

function role(name: string, { rules, labels = {}, gathers }: RoleFacts): Draft<ClusterRole> {
  return {
    metadata: {
      name,
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [AUTO_UPDATE]: 'true' },
    },
    ...(rules === undefined ? {} : { rules }),
    ...(gathers === undefined ? {} : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: gathers }] } }),
  };
}

function binding(name: string, groups: readonly string[]): Draft<ClusterRoleBinding> {
  return {
    metadata: { name, labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' }, annotations: { [AUTO_UPDATE]: 'true' } },
    roleRef: { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ kind: 'Group', apiGroup: RBAC_GROUP, name: group })),
  };
}

/** The label of a role whose rules the role `name` gathers (rbac/v1, aggregated ClusterRoles). */
export function aggregatedTo(name: 'admin' | 'edit' | 'view'): Readonly<Record<string, string>> {
  return { [`${RBAC_GROUP}/aggregate-to-${name}`]: 'true' };
}

const HEALTH = ['/livez', '/readyz', '/healthz', '/version', '/version/'];
const DISCOVERY = [...HEALTH, '/openapi', '/openapi/*', '/api', '/api/*', '/apis', '/apis/*'];

/** The roles that every cluster has and that mean something here (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go). */
export const DEFAULT_CLUSTER_ROLES: readonly Draft<ClusterRole>[] = [
  role('cluster-admin', {
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
      { nonResourceURLs: ['*'], verbs: ['*'] },
    ],
  }),
  role('system:discovery', { rules: [{ nonResourceURLs: DISCOVERY, verbs: ['get'] }] }),
  role('system:basic-user', {
    rules: [
      { apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'], verbs: ['create'] },
      { apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
    ],
  }),
  role('system:service-account-issuer-discovery', {
    rules: [
      {
        nonResourceURLs: ['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'],
        verbs: ['get'],
      },
    ],
  }),
  role('system:monitoring', {
    rules: [
      {
        nonResourceURLs: ['/metrics', '/metrics/slis', '/livez', '/readyz', '/healthz', '/livez/*', '/readyz/*', '/healthz/*'],
        verbs: ['get'],
      },
    ],
  }),
  role('system:node', { rules: NODE_RULES }),
  role('system:public-info-viewer', { rules: [{ nonResourceURLs: HEALTH, verbs: ['get'] }] }),
  role('admin', { gathers: aggregatedTo('admin') }),
  role('edit', { gathers: aggregatedTo('edit'), labels: aggregatedTo('admin') }),
  role('view', { gathers: aggregatedTo('view'), labels: aggregatedTo('edit') }),
  role('system:aggregate-to-admin', { rules: ADMIN_RULES, labels: aggregatedTo('admin') }),
  role('system:aggregate-to-edit', { rules: EDIT_RULES, labels: aggregatedTo('edit') }),
  role('system:aggregate-to-view', { rules: VIEW_RULES, labels: aggregatedTo('view') }),
];

/** Who has these roles without being asked. */
export const DEFAULT_CLUSTER_ROLE_BINDINGS: readonly Draft<ClusterRoleBinding>[] = [
  binding('cluster-admin', [MASTERS]),
  binding('system:discovery', [AUTHENTICATED]),
  binding('system:basic-user', [AUTHENTICATED]),
  binding('system:service-account-issuer-discovery', ['system:serviceaccounts']),
  binding('system:monitoring', ['system:monitoring']),
  // why nobody: what a node may is decided object by object (`access/nodes`)
  binding('system:node', []),
  binding('system:public-info-viewer', [AUTHENTICATED, UNAUTHENTICATED]),
];
