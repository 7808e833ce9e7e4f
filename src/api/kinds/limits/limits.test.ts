import { expect, it } from 'vitest';
import { faultsOf, kindNamed, made, rowOf } from '#testing/builders/any-kind.ts';

it.each([
  {
    kind: 'ResourceQuota',
    fields: {
      spec: {
        hard: { pods: '5', 'requests.storage': '1Gi', 'count/jobs.batch': '2', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' },
      },
    },
    faults: [],
  },
  {
    kind: 'ResourceQuota',
    fields: { spec: { hard: { storage: '5', pods: '-1' }, scopes: ['Sometimes'] } },
    faults: [
      'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
      'spec.hard[pods]: Invalid value: "-1": must be greater than or equal to 0',
      'spec.scopes: Invalid value: ["Sometimes"]: unsupported scope: write one of BestEffort, CrossNamespacePodAffinity, NotBestEffort, NotTerminating, PriorityClass, Terminating, VolumeAttributesClass',
    ],
  },
  {
    kind: 'ResourceQuota',
    fields: { spec: { hard: { persistentvolumeclaims: '500m', cpu: '500m', pods: '1k' } } },
    faults: ['spec.hard[persistentvolumeclaims]: Invalid value: "500m": must be an integer'],
  },
  {
    kind: 'ResourceQuota',
    fields: { spec: { hard: { 'requests.storage': '1Gi', pods: '1', cpu: '1', 'count/secrets': '1' }, scopes: ['BestEffort'] } },
    faults: [
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource: BestEffort counts no cpu',
      'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource: BestEffort counts no requests.storage',
    ],
  },
  {
    kind: 'ResourceQuota',
    fields: {
      spec: {
        hard: { persistentvolumeclaims: '1', pods: '1' },
        scopeSelector: { matchExpressions: [{ scopeName: 'VolumeAttributesClass', operator: 'In', values: ['gold'] }] },
      },
    },
    faults: [
      'spec.scopeSelector.matchExpressions: Invalid value: {"matchExpressions":[{"scopeName":"VolumeAttributesClass","operator":"In","values":["gold"]}]}: unsupported scope applied to resource: VolumeAttributesClass counts no pods',
    ],
  },
  {
    kind: 'ResourceQuota',
    fields: {
      spec: {
        hard: { pods: '1' },
        scopeSelector: {
          matchExpressions: [
            { scopeName: 'Terminating', operator: 'In', values: ['a'] },
            { scopeName: 'NotTerminating', operator: 'Exists', values: ['a'] },
          ],
        },
      },
    },
    faults: [
      'spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be \'Exists\' when scope is Terminating',
      "spec.scopeSelector.matchExpressions.values: Invalid value: [\"a\"]: must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
      'spec.scopeSelector.matchExpressions: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
    ],
  },
  {
    kind: 'LimitRange',
    fields: { spec: { limits: [{ type: 'PersistentVolumeClaim' }, { type: 'Pod', default: { cpu: '1' } }] } },
    faults: [
      'spec.limits[0]: Required value: either minimum or maximum storage value is required, but neither was provided',
      "spec.limits[1].default: Forbidden: may not be specified when `type` is 'Pod'",
    ],
  },
  {
    kind: 'LimitRange',
    fields: { spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] } },
    faults: [
      'spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1',
      'spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1',
      'spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1',
    ],
  },
  {
    kind: 'LimitRange',
    fields: {
      spec: {
        limits: [
          { type: 'Container', defaultRequest: { colour: '1', 'requests.example.com/gpu': '1' } },
          { type: 'PersistentVolumeClaim', max: { storage: '1Gi', size: '1' } },
        ],
      },
    },
    faults: [
      'spec.limits[0].defaultRequest[colour]: Invalid value: "colour": must be a standard resource type or fully qualified',
      'spec.limits[0].defaultRequest[colour]: Invalid value: "colour": must be a standard resource for containers',
      `spec.limits[0].defaultRequest[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn't follow extended resource name standard`,
      'spec.limits[1].max[size]: Invalid value: "size": must be a standard resource type or fully qualified',
    ],
  },
  {
    kind: 'LimitRange',
    fields: {
      spec: {
        limits: [
          {
            type: 'Container',
            min: { cpu: '1' },
            max: { cpu: '2', memory: '1Gi' },
            maxLimitRequestRatio: { cpu: '3', memory: '0.5' },
            default: { 'example.com/gpu': '2' },
            defaultRequest: { 'example.com/gpu': '1' },
          },
        ],
      },
    },
    faults: [
      'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "3": ratio 3 is greater than max/min = 2.000000',
      'spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: "0.5": ratio 0.5 is less than 1',
      'spec.limits[0].defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu',
    ],
  },
  {
    kind: 'PriorityClass',
    fields: { value: 1_000_000_001 },
    faults: ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  },
  { kind: 'PriorityClass', fields: { metadata: { name: 'system-node-critical' }, value: 2_000_001_000 }, faults: [] },
  {
    kind: 'PriorityClass',
    fields: { metadata: { name: 'system-mine' }, value: 1 },
    faults: [
      "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ],
  },
  {
    kind: 'PodDisruptionBudget',
    fields: { spec: { minAvailable: 1, maxUnavailable: '110%' } },
    faults: [
      'spec: Invalid value: {"minAvailable":1,"maxUnavailable":"110%"}: minAvailable and maxUnavailable cannot be both set',
      'spec.maxUnavailable: Invalid value: "110%": must not be greater than 100%',
    ],
  },
  {
    kind: 'HorizontalPodAutoscaler',
    fields: { spec: { minReplicas: 3, maxReplicas: 2, metrics: [{ type: 'Pods' }] } },
    faults: [
      'spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`',
      'spec.scaleTargetRef.kind: Required value',
      'spec.scaleTargetRef.name: Required value',
      'spec.scaleTargetRef.apiVersion: Invalid value: "": apiVersion must specify API group, for example apps/v1',
      'spec.metrics[0].pods: Required value: must populate information for the given metric source',
    ],
  },
  {
    kind: 'HorizontalPodAutoscaler',
    fields: { spec: { maxReplicas: -1, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } } },
    faults: [
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
    ],
  },
  ...[
    {
      target: { apiVersion: 'v1', kind: 'Deployment', name: 'a' },
      faults: ['spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group, for example apps/v1'],
    },
    {
      target: { apiVersion: 'a/b/c', kind: 'Deployment', name: 'a' },
      faults: ['spec.scaleTargetRef.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c'],
    },
    {
      target: { apiVersion: 'apps/v1', kind: 'a/b', name: '..' },
      faults: [
        'spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain \'/\'',
        'spec.scaleTargetRef.name: Invalid value: "..": may not be \'..\'',
      ],
    },
    { target: { apiVersion: 'v1', kind: 'ReplicationController', name: 'a' }, faults: [] },
  ].map(({ target, faults }) => ({
    kind: 'HorizontalPodAutoscaler',
    fields: { spec: { maxReplicas: 1, scaleTargetRef: target } },
    faults,
  })),
  {
    kind: 'HorizontalPodAutoscaler',
    fields: {
      spec: {
        maxReplicas: 1,
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
        metrics: [
          { type: 'Resource', resource: {} },
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Some', averageUtilization: 0, averageValue: '1' } } },
        ],
      },
    },
    faults: [
      'spec.metrics[0].resource.name: Required value: must specify a resource name',
      'spec.metrics[0].resource.target.type: Required value: must specify a metric target type',
      'spec.metrics[0].resource.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue',
      'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
      'spec.metrics[1].resource.target.type: Invalid value: "Some": must be either Utilization, Value, or AverageValue',
      'spec.metrics[1].resource.target.averageUtilization: Invalid value: 0: must be greater than 0',
      'spec.metrics[1].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization',
    ],
  },
  {
    kind: 'VolumeAttributesClass',
    fields: { driverName: 'A_B', parameters: { a: '1' } },
    faults: [],
  },
  {
    kind: 'VolumeAttributesClass',
    fields: { parameters: { a: '1' } },
    faults: ['driverName: Required value: name the CSI driver that changes the volumes'],
  },
  {
    kind: 'LimitRange',
    fields: { spec: { limits: [{ type: 'Volume' }, { type: 'example.com/own' }] } },
    faults: [
      'spec.limits[0].type: Invalid value: "Volume": must be a standard limit type or fully qualified: write one of Container, PersistentVolumeClaim, Pod',
    ],
  },
  {
    kind: 'VolumeAttributesClass',
    fields: { driverName: 'a.b' },
    faults: ['parameters: Required value: must contain at least one key/value pair'],
  },
  {
    kind: 'CSIStorageCapacity',
    fields: { capacity: '-1' },
    faults: [
      'storageClassName: Required value: name the storage class',
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ],
  },
])('API-2: $kind: $faults', ({ kind, fields, faults }) => {
  expect(faultsOf(kind, made(kind, fields))).toEqual(faults);
});

it('API-2: limits of containers follow from each other', () => {
  const range = made('LimitRange', { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, defaultRequest: { memory: '1Gi' } }] } });
  expect(range['spec']).toEqual({
    limits: [{ type: 'Container', max: { cpu: '2' }, default: { cpu: '2' }, defaultRequest: { cpu: '2', memory: '1Gi' } }],
  });
});

it.each([
  { kind: 'PriorityClass', before: { value: 1 }, after: { value: 2 }, fields: ['value'] },
  {
    kind: 'VolumeAttributesClass',
    before: { driverName: 'a', parameters: { a: '1' } },
    after: { driverName: 'a', parameters: { a: '2' } },
    fields: ['parameters'],
  },
  { kind: 'ResourceQuota', before: {}, after: { spec: { scopes: ['Terminating'] } }, fields: ['spec.scopes'] },
  {
    kind: 'ResourceQuota',
    before: { spec: { scopes: ['Terminating', 'NotBestEffort'] } },
    after: { spec: { scopes: ['NotBestEffort', 'Terminating', 'Terminating'] } },
    fields: [],
  },
])('API-2: what can not be changed of $kind: $fields', ({ kind, before, after, fields }) => {
  expect(
    kindNamed(kind)
      .validateUpdate(made(kind, after), made(kind, before))
      .map(({ field }) => field),
  ).toEqual(fields);
});

it.each([
  {
    kind: 'ResourceQuota',
    fields: { spec: {} },
    status: { hard: { pods: '5', 'limits.cpu': '2', 'requests.storage': '1Gi' }, used: { pods: '1' } },
    row: ['n', 'pods: 1/5, requests.storage: 0/1Gi', 'limits.cpu: 0/2', '30s'],
  },
  { kind: 'LimitRange', fields: {}, status: undefined, row: ['n', '2026-01-01T00:00:00Z'] },
  { kind: 'PriorityClass', fields: { value: 5 }, status: undefined, row: ['n', 5, false, '30s', 'PreemptLowerPriority'] },
  {
    kind: 'PodDisruptionBudget',
    fields: { spec: { minAvailable: '50%' } },
    status: { disruptionsAllowed: 1 },
    row: ['n', '50%', 'N/A', 1, '30s'],
  },
  {
    kind: 'HorizontalPodAutoscaler',
    fields: { spec: { maxReplicas: 5, scaleTargetRef: { kind: 'Deployment', name: 'web' } } },
    status: undefined,
    row: ['n', 'Deployment/web', 'cpu: <unknown>/80%', '1', 5, 0, '30s'],
  },
  { kind: 'CSIStorageCapacity', fields: { storageClassName: 'c', capacity: '1Gi' }, status: undefined, row: ['n', 'c', '1Gi'] },
  { kind: 'VolumeAttributesClass', fields: { driverName: 'a.b' }, status: undefined, row: ['n', 'a.b', '30s'] },
])('API-1: the table of $kind', ({ kind, fields, status, row }) => {
  expect(rowOf(kind, { ...made(kind, fields), ...(status === undefined ? {} : { status }) })).toEqual(row);
});
