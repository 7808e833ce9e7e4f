import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

/** The API group of packages and of those who sign them. */
export const PACKAGES_GROUP = 'plugins.stowage.dev';

const TEXT: JSONSchemaProps = { type: 'string' };
/** Characters of the largest archive in base64: 1 MiB of it. */
const MAX_ARCHIVE_CHARS = 1_398_104;

interface Kind {
  readonly kind: string;
  readonly spec: JSONSchemaProps;
  readonly status: NonNullable<JSONSchemaProps['properties']>;
  readonly columns: readonly (readonly [name: string, jsonPath: string])[];
}

function definitionOf({ kind, spec, status, columns }: Kind): Draft<CustomResourceDefinition> {
  const singular = kind.toLowerCase();
  return {
    metadata: { name: `${singular}s.${PACKAGES_GROUP}` },
    spec: {
      group: PACKAGES_GROUP,
      scope: 'Cluster',
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: {
                apiVersion: TEXT,
                kind: TEXT,
                metadata: { type: 'object' },
                spec,
                status: { type: 'object', properties: status },
              },
            },
          },
          subresources: { status: {} },
          additionalPrinterColumns: [...columns, ['Age', '.metadata.creationTimestamp'] as const].map(([name, jsonPath]) => ({
            name,
            jsonPath,
            type: name === 'Age' ? 'date' : 'string',
          })),
        },
      ],
    },
  };
}

/** Packages of plugins, and the keys that are trusted to sign them (requirement PLUG-4). Only who may do everything may write them. */
export const PACKAGE_DEFINITIONS: readonly Draft<CustomResourceDefinition>[] = [
  definitionOf({
    kind: 'PluginPackage',
    spec: { type: 'object', required: ['archive'], properties: { archive: { ...TEXT, format: 'byte', maxLength: MAX_ARCHIVE_CHARS } } },
    status: { phase: TEXT, message: TEXT, plugin: TEXT, version: TEXT, channel: TEXT, signer: TEXT, fingerprint: TEXT, digest: TEXT },
    columns: [
      ['Plugin', '.status.plugin'],
      ['Version', '.status.version'],
      ['Channel', '.status.channel'],
      ['Signer', '.status.signer'],
      ['Status', '.status.phase'],
    ],
  }),
  definitionOf({
    kind: 'PluginSigner',
    spec: { type: 'object', required: ['publicKey'], properties: { publicKey: { ...TEXT, maxLength: 4_096 } } },
    status: { fingerprint: TEXT },
    columns: [['Fingerprint', '.status.fingerprint']],
  }),
];
