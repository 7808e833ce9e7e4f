import type { CustomResourceDefinition, CustomResourceDefinitionVersion, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

const GROUP = 'cluster.alauda.io';
const TEXT = { type: 'string' };
const FREE = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const TEXTS = { type: 'array', items: TEXT };
/** The versions that can be installed. */
const VERSIONS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['version'],
    properties: { version: TEXT, channel: TEXT, source: TEXT, signer: TEXT, isTrusted: { type: 'boolean' } },
  },
};
/** What has come by a plugin, so that a later version knows what goes. */
const BROUGHT = {
  type: 'array',
  items: {
    type: 'object',
    required: ['apiVersion', 'kind', 'plural', 'name'],
    properties: { apiVersion: TEXT, kind: TEXT, plural: TEXT, namespace: TEXT, name: TEXT },
  },
};

interface Plugin {
  readonly kind: string;
  readonly plural: string;
  readonly spec: NonNullable<JSONSchemaProps['properties']>;
  /** Beside what every status has. */
  readonly status?: NonNullable<JSONSchemaProps['properties']>;
  readonly columns: readonly (readonly [name: string, jsonPath: string])[];
}

const LABEL_COLUMNS: readonly (readonly [string, string])[] = [
  ['Cluster', String.raw`.metadata.labels['cpaas\.io/cluster-name']`],
  ['Module', String.raw`.metadata.labels['cpaas\.io/module-name']`],
];

function definitionOf({ kind, plural, spec, status = {}, columns }: Plugin): Draft<CustomResourceDefinition> {
  const version: CustomResourceDefinitionVersion = {
    name: 'v1alpha1',
    served: true,
    storage: true,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          apiVersion: TEXT,
          kind: TEXT,
          metadata: { type: 'object' },
          spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: spec },
          status: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { phase: TEXT, version: TEXT, reason: TEXT, message: TEXT, ...status },
          },
        },
      },
    },
    subresources: { status: {} },
    additionalPrinterColumns: [...columns, ['Age', '.metadata.creationTimestamp'] as const].map(([name, jsonPath]) => ({
      name,
      jsonPath,
      type: name === 'Age' ? 'date' : 'string',
    })),
  };
  return {
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Cluster',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [version],
    },
  };
}

/** The kinds of cluster plugins (requirement PLUG-1), whose published schemas leave most to the plugin. */
export const PLUGIN_DEFINITIONS: readonly Draft<CustomResourceDefinition>[] = [
  definitionOf({
    kind: 'ModulePlugin',
    plural: 'moduleplugins',
    spec: {
      name: TEXT,
      version: TEXT,
      displayName: FREE,
      description: FREE,
      dependencies: TEXTS,
      defaultConfig: FREE,
      configSchema: FREE,
      defaultChannel: TEXT,
      installMode: TEXT,
      recommendedNamespace: TEXT,
    },
    status: {
      brings: TEXTS,
      versions: VERSIONS,
      preflight: { type: 'object', properties: { requestedAt: TEXT, lacks: TEXTS } },
    },
    columns: [
      ['Module', String.raw`.metadata.labels['cpaas\.io/module-name']`],
      ['Version', '.spec.version'],
      ['Status', '.status.phase'],
    ],
  }),
  definitionOf({
    kind: 'ModuleConfig',
    plural: 'moduleconfigs',
    spec: { moduleName: TEXT, version: TEXT, config: FREE, configSchema: FREE, dependencies: TEXTS },
    columns: [
      ['Module', String.raw`.metadata.labels['cpaas\.io/module-name']`],
      ['Version', '.spec.version'],
    ],
  }),
  definitionOf({
    kind: 'ModuleInfo',
    plural: 'moduleinfoes',
    spec: {
      version: TEXT,
      config: FREE,
      targetClusters: TEXTS,
      channel: TEXT,
      installPlanApproval: { type: 'string', enum: ['Automatic', 'Manual'] },
      approvedVersion: TEXT,
      installMode: { type: 'string', enum: ['Cluster'] },
      namespace: TEXT,
    },
    status: {
      targetVersion: TEXT,
      availableVersion: TEXT,
      state: TEXT,
      brought: BROUGHT,
      observedGeneration: { type: 'integer', format: 'int64' },
      retriedAt: { ...TEXT, description: 'The stowage.dev/retry-requested-at that this answers.' },
    },
    columns: [...LABEL_COLUMNS, ['Version', '.status.version'], ['Status', '.status.phase']],
  }),
];
