import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

const TEXT: JSONSchemaProps = { type: 'string' };
const AMOUNTS: JSONSchemaProps = {
  type: 'object',
  additionalProperties: { 'x-kubernetes-int-or-string': true, maxLength: 40 },
  maxProperties: 500,
};

const OF_CLASS = String.raw`^.+[.]storageclass[.]storage[.]k8s[.]io/(persistentvolumeclaims|requests[.]storage)$`;

const LIMITS: JSONSchemaProps = {
  ...AMOUNTS,
  'x-kubernetes-validations': [
    {
      rule: `self.all(name, name in ['persistentvolumeclaims', 'requests.storage'] || name.matches('${OF_CLASS}'))`,
      message:
        'limits are persistentvolumeclaims, requests.storage, CLASS.storageclass.storage.k8s.io/persistentvolumeclaims and CLASS.storageclass.storage.k8s.io/requests.storage',
    },
    {
      rule: 'self.all(name, type(self[name]) == int ? self[name] >= 0 : isQuantity(self[name]) && sign(quantity(self[name])) >= 0)',
      message: 'amounts are quantities that are not negative, for example 100Gi or 20',
    },
  ],
};

const SPEC: JSONSchemaProps = {
  type: 'object',
  properties: {
    displayName: { ...TEXT, maxLength: 253 },
    description: { ...TEXT, maxLength: 4096 },
    defaultStorageClassName: { ...TEXT, maxLength: 253, pattern: '^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$' },
    storageQuota: { type: 'object', properties: { hard: LIMITS } },
  },
};

const STATUS: JSONSchemaProps = {
  type: 'object',
  properties: { namespaces: { type: 'array', items: TEXT }, hard: AMOUNTS, used: AMOUNTS },
};

/** A project: its default class, and what its namespaces may use together (requirement CLASS-10; a quota over namespaces: rancher#49863). */
export const PROJECT_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: { name: 'projects.stowage.dev' },
  spec: {
    group: 'stowage.dev',
    scope: 'Cluster',
    names: { kind: 'Project', listKind: 'ProjectList', plural: 'projects', singular: 'project' },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' }, spec: SPEC, status: STATUS },
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Display name', type: 'string', jsonPath: '.spec.displayName' },
          { name: 'Default class', type: 'string', jsonPath: '.spec.defaultStorageClassName' },
          { name: 'Storage', type: 'string', jsonPath: String.raw`.status.used['requests\.storage']` },
          { name: 'Limit', type: 'string', jsonPath: String.raw`.spec.storageQuota.hard['requests\.storage']` },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};
