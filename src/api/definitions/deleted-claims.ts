import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';
import { VOLUMES_GROUP } from './rollbacks.ts';

const TEXT: JSONSchemaProps = { type: 'string' };
/** Bounded, so that a cluster can tell what the rules below cost. */
const SHORT: JSONSchemaProps = { ...TEXT, maxLength: 253 };
const TIME: JSONSchemaProps = { ...TEXT, format: 'date-time', maxLength: 64 };

const COUNTED = ['claimName', 'claimUid', 'storage', 'keptUntil'];
const OPTIONAL = ['storageClassName', 'volumeAttributesClassName'];
const same = (name: string): string => `self.${name} == oldSelf.${name}`;
const sameWhereThere = (name: string): string => `has(self.${name}) == has(oldSelf.${name}) && (!has(self.${name}) || ${same(name)})`;

const SPEC: JSONSchemaProps = {
  type: 'object',
  required: ['claimName', 'claimUid', 'storage', 'deletedAt', 'keptUntil', 'claim'],
  properties: {
    claimName: SHORT,
    claimUid: SHORT,
    storage: SHORT,
    storageClassName: SHORT,
    volumeAttributesClassName: SHORT,
    deletedAt: TIME,
    keptUntil: TIME,
    claim: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  'x-kubernetes-validations': [
    {
      // why: quotas count by it
      rule: [...COUNTED.map(same), ...OPTIONAL.map(sameWhereThere)].join(' && '),
      message:
        'it tells of what was deleted and can not be changed: create the claim of spec.claim to bring it back, delete this to let its volume go',
    },
  ],
};

/** What tells of a claim that was deleted and can be brought back; its name is that of the volume (requirement VOL-20). */
export const DELETED_CLAIM_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: { name: `deletedclaims.${VOLUMES_GROUP}` },
  spec: {
    group: VOLUMES_GROUP,
    scope: 'Namespaced',
    names: { kind: 'DeletedClaim', listKind: 'DeletedClaimList', plural: 'deletedclaims', singular: 'deletedclaim', shortNames: ['dpvc'] },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: { apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' }, spec: SPEC },
          },
        },
        additionalPrinterColumns: [
          { name: 'Claim', type: 'string', jsonPath: '.spec.claimName' },
          { name: 'Size', type: 'string', jsonPath: '.spec.storage' },
          { name: 'StorageClass', type: 'string', jsonPath: '.spec.storageClassName' },
          { name: 'Deleted', type: 'date', jsonPath: '.spec.deletedAt' },
          { name: 'Until', type: 'string', jsonPath: '.spec.keptUntil' },
        ],
      },
    ],
  },
};
