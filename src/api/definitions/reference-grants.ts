import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import { APPROVAL } from '../kinds/definition-approval.ts';
import type { Draft } from '../meta/object.ts';

const TEXT: JSONSchemaProps = { type: 'string' };
const DNS_LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
const GROUP: JSONSchemaProps = {
  ...TEXT,
  maxLength: 253,
  pattern: String.raw`^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`,
};
const KIND: JSONSchemaProps = { ...TEXT, minLength: 1, maxLength: 63, pattern: '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$' };

function listOf(properties: Readonly<Record<string, JSONSchemaProps>>, required: readonly string[]): JSONSchemaProps {
  return { type: 'array', minItems: 1, maxItems: 16, items: { type: 'object', required, properties } };
}

const SPEC: JSONSchemaProps = {
  type: 'object',
  required: ['from', 'to'],
  properties: {
    from: listOf({ group: GROUP, kind: KIND, namespace: { ...TEXT, minLength: 1, maxLength: 63, pattern: DNS_LABEL } }, [
      'group',
      'kind',
      'namespace',
    ]),
    to: listOf({ group: GROUP, kind: KIND, name: { ...TEXT, minLength: 1, maxLength: 253 } }, ['group', 'kind']),
  },
};

/** Who of which namespace may name what of its own namespace: the Gateway API's kind, which KEP-3294 takes for data sources of claims. Brought where no Gateway API is installed. */
export const REFERENCE_GRANT_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: {
    name: 'referencegrants.gateway.networking.k8s.io',
    annotations: { [APPROVAL]: 'https://github.com/kubernetes-sigs/gateway-api/pull/1538' },
  },
  spec: {
    group: 'gateway.networking.k8s.io',
    scope: 'Namespaced',
    names: {
      kind: 'ReferenceGrant',
      listKind: 'ReferenceGrantList',
      plural: 'referencegrants',
      singular: 'referencegrant',
      shortNames: ['refgrant'],
      categories: ['gateway-api'],
    },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' }, spec: SPEC },
          },
        },
        additionalPrinterColumns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
      },
    ],
  },
};
