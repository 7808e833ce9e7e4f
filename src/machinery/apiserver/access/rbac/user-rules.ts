import type { PolicyRule } from '#api/generated/kubernetes.ts';

/** Rules of the roles for people, group by group as upstream's policy.go has them; kinds that are not served yet included, so that they are covered once they are. */

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const ALL = [...WRITE, ...READ];

const INTO_PODS = ['pods/attach', 'pods/proxy', 'pods/exec', 'pods/portforward'];
const WORKLOADS = [
  'statefulsets',
  'statefulsets/scale',
  'daemonsets',
  'deployments',
  'deployments/scale',
  'replicasets',
  'replicasets/scale',
];

function rule(apiGroup: string, resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: [apiGroup], resources, verbs };
}

/** What an administrator of a namespace has beside what an editor has. */
export const ADMIN_RULES: readonly PolicyRule[] = [
  rule('authorization.k8s.io', ['localsubjectaccessreviews'], ['create']),
  rule('rbac.authorization.k8s.io', ['roles', 'rolebindings'], ALL),
];

/** What an editor of a namespace has beside what a viewer has. */
export const EDIT_RULES: readonly PolicyRule[] = [
  rule('', [...INTO_PODS, 'secrets', 'services/proxy'], READ),
  rule('', ['serviceaccounts'], ['impersonate']),
  rule('', ['pods', ...INTO_PODS], WRITE),
  rule('', ['pods/eviction', 'serviceaccounts/token'], ['create']),
  rule('', ['replicationcontrollers', 'replicationcontrollers/scale', 'services', 'services/proxy', 'serviceaccounts'], WRITE),
  rule('', ['persistentvolumeclaims', 'configmaps', 'secrets', 'events'], WRITE),
  rule('apps', [...WORKLOADS, 'deployments/rollback'], WRITE),
  rule('autoscaling', ['horizontalpodautoscalers'], WRITE),
  rule('batch', ['jobs', 'cronjobs'], WRITE),
  rule('policy', ['poddisruptionbudgets'], WRITE),
  rule('networking.k8s.io', ['networkpolicies', 'ingresses'], WRITE),
  rule('coordination.k8s.io', ['leases'], ALL),
];

/** What a viewer of a namespace has: everything but secrets, roles and bindings, which lead to more rights. */
export const VIEW_RULES: readonly PolicyRule[] = [
  rule('', ['pods', 'replicationcontrollers', 'replicationcontrollers/scale', 'serviceaccounts', 'services', 'services/status'], READ),
  rule('', ['endpoints', 'persistentvolumeclaims', 'persistentvolumeclaims/status', 'configmaps'], READ),
  rule('', ['limitranges', 'resourcequotas', 'resourcequotas/status', 'bindings', 'events', 'namespaces', 'namespaces/status'], READ),
  rule('', ['pods/status', 'pods/log', 'replicationcontrollers/status'], READ),
  rule('discovery.k8s.io', ['endpointslices'], READ),
  rule('apps', ['controllerrevisions', ...WORKLOADS], READ),
  rule('apps', ['statefulsets/status', 'daemonsets/status', 'deployments/status', 'replicasets/status'], READ),
  rule('autoscaling', ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], READ),
  rule('batch', ['jobs', 'jobs/status', 'cronjobs', 'cronjobs/status'], READ),
  rule('policy', ['poddisruptionbudgets', 'poddisruptionbudgets/status'], READ),
  rule('networking.k8s.io', ['networkpolicies', 'ingresses', 'ingresses/status'], READ),
];
