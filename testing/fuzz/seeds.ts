import { aClaim } from '#testing/builders/claim.ts';
import { aClass } from '#testing/builders/class.ts';
import { aDefinition, aSchema } from '#testing/builders/definition.ts';
import { aNode } from '#testing/builders/node.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aVolume } from '#testing/builders/volume.ts';

const metadata = { name: 'a', namespace: 'default' };
const selector = { matchLabels: { app: 'a' } };
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } };
const rule = { apiGroups: ['*'], resources: ['pods', 'pods/log'], verbs: ['get', 'list'], resourceNames: ['a'] };
const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' };

/** Own kinds that are served while requests are made up: one version, and two with rules and a scale. */
export const DISKS = aDefinition();
export const RACKS = aDefinition({
  names: { plural: 'racks', singular: 'rack', kind: 'Rack', listKind: 'RackList' },
  versions: [
    {
      name: 'v1',
      schema: aSchema({
        type: 'object',
        properties: {
          replicas: { type: 'integer', minimum: 0 },
          selector: { type: 'string' },
          units: {
            type: 'array',
            maxItems: 20,
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: { type: 'string', maxLength: 20 }, size: { 'x-kubernetes-int-or-string': true } },
            },
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
          },
          tags: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
        'x-kubernetes-validations': [{ rule: '!has(self.replicas) || self.replicas < 100', message: 'too many' }],
      }),
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.spec.selector' },
      },
    },
    { name: 'v1alpha1' },
  ],
});

/** A well-formed object of each kind, by plural, to be spoilt. */
export const SEEDS: Readonly<Record<string, unknown>> = {
  namespaces: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' }, spec: { finalizers: ['kubernetes'] } },
  nodes: { apiVersion: 'v1', kind: 'Node', ...aNode({ name: 'a' }) },
  pods: { apiVersion: 'v1', kind: 'Pod', ...aPod({ name: 'a' }) },
  persistentvolumes: { apiVersion: 'v1', kind: 'PersistentVolume', ...aVolume({ name: 'a' }) },
  persistentvolumeclaims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...aClaim({ name: 'a' }) },
  secrets: { apiVersion: 'v1', kind: 'Secret', metadata, data: { a: 'YQ==' }, stringData: { b: 'c' }, type: 'Opaque' },
  configmaps: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' }, binaryData: { c: 'YQ==' } },
  serviceaccounts: { apiVersion: 'v1', kind: 'ServiceAccount', metadata, secrets: [{ name: 'a' }], automountServiceAccountToken: false },
  events: {
    apiVersion: 'v1',
    kind: 'Event',
    metadata,
    involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' },
    reason: 'R',
    count: 1,
  },
  leases: {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata,
    spec: { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00.000000Z' },
  },
  storageclasses: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', ...aClass({ name: 'a' }) },
  csidrivers: { apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver', metadata: { name: 'a' }, spec: { attachRequired: true } },
  csinodes: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: 'a' }, spec: { drivers: [{ name: 'd', nodeID: 'n' }] } },
  volumeattachments: {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: 'a' },
    spec: { attacher: 'd', nodeName: 'n', source: { persistentVolumeName: 'v' } },
  },
  roles: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [rule] },
  rolebindings: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata,
    roleRef: role,
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'vera' }],
  },
  clusterroles: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'a' },
    rules: [rule, { nonResourceURLs: ['/metrics', '/x/*'], verbs: ['get'] }],
    aggregationRule: { clusterRoleSelectors: [selector] },
  },
  clusterrolebindings: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'a' },
    roleRef: { ...role, kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'a' }],
  },
  deployments: { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, selector, template } },
  replicasets: { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { replicas: 1, selector, template } },
  statefulsets: { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { serviceName: 'a', replicas: 1, selector, template } },
  daemonsets: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata, spec: { selector, template } },
  jobs: { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
  cronjobs: {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata,
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } } },
  },
  services: { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: 'a' }, ports: [{ port: 80, targetPort: 'http' }] } },
  customresourcedefinitions: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    ...aDefinition({ names: { plural: 'a', singular: 'aa', kind: 'Aa', listKind: 'AaList' } }),
  },
  disks: { apiVersion: 'shop.example.com/v1', kind: 'Disk', metadata, spec: { size: 3, color: 'red' }, status: { x: 1 } },
  racks: {
    apiVersion: 'shop.example.com/v1',
    kind: 'Rack',
    metadata,
    spec: {
      replicas: 2,
      selector: 'a=b',
      units: [
        { name: 'one', size: 1 },
        { name: 'two', size: '2Gi' },
      ],
      tags: { a: 'b', c: null },
      any: { a: [1] },
    },
  },
};
