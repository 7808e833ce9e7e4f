import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

const GROUP = 'populators.stowage.dev';
const TEXT: JSONSchemaProps = { type: 'string' };
const PATH: JSONSchemaProps = {
  ...TEXT,
  maxLength: 4096,
  'x-kubernetes-validations': [{ rule: "!self.split('/').exists(part, part == '..')", message: 'paths can not lead upwards (..)' }],
};

const ARCHIVE: JSONSchemaProps = {
  type: 'object',
  required: ['sourceURL'],
  properties: {
    sourceURL: { ...TEXT, maxLength: 4096, pattern: '^https?://[^/]+' },
    sha256: { ...TEXT, pattern: '^[0-9a-fA-F]{64}$' },
    extractPath: PATH,
    archivePath: PATH,
    caBundle: { ...TEXT, maxLength: 65536 },
  },
};

const DIRECTORY: JSONSchemaProps = {
  type: 'object',
  required: ['claimName'],
  properties: { claimName: { ...TEXT, minLength: 1, maxLength: 253 }, path: PATH, extractPath: PATH },
};

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
}

function definition(names: Names, spec: JSONSchemaProps, columns: Readonly<Record<string, string>>): Draft<CustomResourceDefinition> {
  return {
    metadata: { name: `${names.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { ...names, listKind: `${names.kind}List` },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['spec'],
              properties: { apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' }, spec },
            },
          },
          additionalPrinterColumns: [
            ...Object.entries(columns).map(([name, jsonPath]) => ({ name, type: 'string', jsonPath })),
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
        },
      ],
    },
  };
}

/** What claims can be filled from beside claims and snapshots: an archive that is fetched, and a directory of another claim. */
export const POPULATOR_DEFINITIONS: readonly Draft<CustomResourceDefinition>[] = [
  definition({ kind: 'Archive', plural: 'archives', singular: 'archive' }, ARCHIVE, { Source: '.spec.sourceURL', To: '.spec.extractPath' }),
  definition({ kind: 'ClaimDirectory', plural: 'claimdirectories', singular: 'claimdirectory' }, DIRECTORY, {
    Claim: '.spec.claimName',
    Path: '.spec.path',
  }),
];
