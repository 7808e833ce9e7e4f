import { isRecord } from '#kit/json.ts';
import { SEEDS } from '../../../fuzz/seeds.ts';

const metadata = { name: 'a' };
const labels = { app: 'a' };
const selector = { matchLabels: labels };
const spec = { containers: [{ name: 'main', image: 'busybox' }] };
const template = { metadata: { labels }, spec };
const node = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['n'] }] }] };
const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] };
const webhook = {
  name: 'a.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  failurePolicy: 'Ignore',
  timeoutSeconds: 1,
  rules: [rule],
  namespaceSelector: { matchLabels: { judge: 'no' } },
  clientConfig: { service: { namespace: 'default', name: 'a', path: '/x', port: 443 } },
};

/** Kinds and members that the well-formed objects of the fuzz tests lack. */
const MORE: readonly Readonly<Record<string, unknown>>[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, labels, annotations: { a: 'b' } },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'busybox:1.37',
          command: ['sh'],
          env: [
            { name: 'A', value: 'b' },
            { name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
          ],
          envFrom: [{ configMapRef: { name: 'm' } }],
          ports: [{ name: 'http', containerPort: 80 }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
          volumeMounts: [
            { name: 'data', mountPath: '/data', subPath: 'a' },
            { name: 'all', mountPath: '/all', readOnly: true },
          ],
          livenessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 3 },
          readinessProbe: { exec: { command: ['true'] } },
          lifecycle: { preStop: { exec: { command: ['true'] } } },
          securityContext: { runAsUser: 1000, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } },
        },
      ],
      initContainers: [{ name: 'first', image: 'busybox', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 80 } } }],
      volumes: [
        { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
        {
          name: 'all',
          projected: {
            sources: [
              { configMap: { name: 'm', items: [{ key: 'k', path: 'p' }] } },
              { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
            ],
          },
        },
        { name: 'secret', secret: { secretName: 's', defaultMode: 256 } },
        { name: 'inline', csi: { driver: 'a.b', volumeAttributes: { a: 'b' } } },
        { name: 'host', hostPath: { path: '/data', type: 'Directory' } },
        {
          name: 'own',
          ephemeral: {
            volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
          },
        },
      ],
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: node },
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: selector, topologyKey: 'kubernetes.io/hostname' }],
        },
      },
      tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: selector }],
      nodeSelector: { disk: 'ssd' },
      securityContext: { fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch', supplementalGroups: [1] },
      terminationGracePeriodSeconds: 5,
      schedulingGates: [{ name: 'a.b/c' }],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata,
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      csi: {
        driver: 'a.b',
        volumeHandle: 'v',
        fsType: 'ext4',
        volumeAttributes: { a: 'b' },
        nodeStageSecretRef: { name: 's', namespace: 'default' },
      },
      nodeAffinity: { required: node },
      mountOptions: ['noatime'],
      storageClassName: 'fast',
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { namespace: 'default', name: 'c' },
      volumeAttributesClassName: 'gold',
    },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata,
    spec: { accessModes: ['ReadWriteMany'], capacity: { storage: '1Gi' }, local: { path: '/d' }, nodeAffinity: { required: node } },
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata,
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' }, limits: { storage: '2Gi' } },
      storageClassName: 'fast',
      selector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] },
      volumeMode: 'Block',
      volumeAttributesClassName: 'gold',
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' },
    },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata,
    provisioner: 'a.b',
    parameters: { 'csi.storage.k8s.io/fstype': 'xfs' },
    allowVolumeExpansion: true,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
    mountOptions: ['noatime'],
    allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }],
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata,
    spec: {
      attachRequired: false,
      podInfoOnMount: true,
      volumeLifecycleModes: ['Persistent', 'Ephemeral'],
      fsGroupPolicy: 'File',
      storageCapacity: true,
      tokenRequests: [{ audience: 'a', expirationSeconds: 3600 }],
      requiresRepublish: true,
      seLinuxMount: false,
      nodeAllocatableUpdatePeriodSeconds: 60,
    },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata,
    spec: { drivers: [{ name: 'a.b', nodeID: 'n', topologyKeys: ['zone'], allocatable: { count: 3 } }] },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata,
    storageClassName: 'fast',
    capacity: '1Gi',
    maximumVolumeSize: '1Gi',
    nodeTopology: selector,
  },
  { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttributesClass', metadata, driverName: 'a.b', parameters: { iops: '1' } },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata,
    spec: {
      attacher: 'a.b',
      nodeName: 'n',
      source: { inlineVolumeSpec: { accessModes: ['ReadWriteOnce'], csi: { driver: 'a.b', volumeHandle: 'v' } } },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { type: 'NodePort', selector: labels, ports: [{ name: 'a', port: 80, protocol: 'TCP' }], sessionAffinity: 'ClientIP' },
  },
  { apiVersion: 'v1', kind: 'Service', metadata, spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'a', port: 80 }] } },
  {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata,
    spec: {
      limits: [
        { type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '100m' }, max: { cpu: '2' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Ki' }, max: { storage: '1Pi' } },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata,
    spec: { hard: { 'requests.storage': '1Pi', persistentvolumeclaims: '10000' } },
  },
  {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata,
    spec: { hard: { pods: '10000', 'requests.cpu': '1k' }, scopes: ['NotTerminating'] },
  },
  { apiVersion: 'v1', kind: 'PodTemplate', metadata, template },
  { apiVersion: 'v1', kind: 'ReplicationController', metadata, spec: { replicas: 0, selector: labels, template } },
  {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ name: 'a', port: 80 }] }],
  },
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: [{ addresses: ['192.0.2.1'], conditions: { ready: true } }],
    ports: [{ name: 'a', port: 80 }],
  },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { minAvailable: '50%', selector } },
  { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata, value: 1000, description: 'a' },
  { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata, handler: 'runc', overhead: { podFixed: { cpu: '1m' } } },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {} }, { ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 80, protocol: 'TCP' }] }],
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata,
    spec: {
      rules: [
        {
          host: 'a.example.com',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }] },
        },
      ],
    },
  },
  { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata, spec: { controller: 'example.com/a' } },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
      maxReplicas: 3,
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
    },
  },
  { apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata, revision: 1, data: { a: 1 } },
  {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata,
    spec: {
      serviceName: 'a',
      replicas: 0,
      selector,
      template,
      volumeClaimTemplates: [
        { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
      ],
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 0, selector, template, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } } },
  },
  {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata,
    spec: {
      suspend: true,
      completions: 2,
      parallelism: 1,
      completionMode: 'Indexed',
      backoffLimit: 1,
      ttlSecondsAfterFinished: 60,
      template: { spec: { ...spec, restartPolicy: 'Never' } },
    },
  },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata, webhooks: [webhook] },
  { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata, webhooks: [webhook] },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Ignore',
      matchConstraints: { resourceRules: [rule] },
      validations: [{ expression: 'object.metadata.name != "z"', message: 'no', reason: 'Invalid' }],
      variables: [{ name: 'v', expression: '1' }],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: { policyName: 'none', validationActions: ['Audit'] },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata,
    spec: {
      failurePolicy: 'Ignore',
      reinvocationPolicy: 'Never',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: {
        resourceRules: [{ ...rule, resourceNames: ['none'] }],
        excludeResourceRules: [rule],
        namespaceSelector: { matchLabels: { judge: 'no' } },
        matchPolicy: 'Exact',
      },
      matchConditions: [{ name: 'c', expression: 'has(object.data)' }],
      variables: [{ name: 'v', expression: 'params.data' }],
      mutations: [
        { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: variables.v}}' } },
        {
          patchType: 'JSONPatch',
          jsonPatch: { expression: '[JSONPatch{op: "add", path: "/data/" + jsonpatch.escapeKey("a/b"), value: "Yw=="}]' },
        },
      ],
    },
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata,
    spec: {
      policyName: 'none',
      paramRef: { name: 'a', namespace: 'default', parameterNotFoundAction: 'Allow' },
      matchResources: { objectSelector: { matchLabels: { judge: 'no' } }, resourceRules: [rule] },
    },
  },
  {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    eventTime: '2026-01-01T00:00:00.000000Z',
    reportingController: 'a.b/c',
    reportingInstance: 'i',
    action: 'Did',
    reason: 'R',
    type: 'Normal',
    regarding: { kind: 'Pod', name: 'a', namespace: 'default' },
  },
];

/** Well-formed objects of every kind that both serve. */
export const ALL_SEEDS: readonly Readonly<Record<string, unknown>>[] = [
  // why without: the rules of such a role are written by a controller, and beside the real server none runs
  ...Object.values(SEEDS)
    .filter(isRecord)
    .map((object) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== 'aggregationRule'))),
  ...MORE,
];
