import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import { APPROVAL } from '../kinds/definition-approval.ts';
import type { Draft } from '../meta/object.ts';

const TEXT: JSONSchemaProps = { type: 'string' };

/** Where it is told which blocks of a driver's snapshots hold data, or have changed: the kind of KEP-3314, each named like its driver (requirement SNAP-9). */
export const SNAPSHOT_METADATA_SERVICE_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: {
    name: 'snapshotmetadataservices.cbt.storage.k8s.io',
    annotations: { [APPROVAL]: 'https://github.com/kubernetes-csi/external-snapshot-metadata/pull/2' },
  },
  spec: {
    group: 'cbt.storage.k8s.io',
    scope: 'Cluster',
    names: {
      kind: 'SnapshotMetadataService',
      listKind: 'SnapshotMetadataServiceList',
      plural: 'snapshotmetadataservices',
      singular: 'snapshotmetadataservice',
      shortNames: ['sms'],
    },
    versions: [
      {
        name: 'v1beta1',
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
              spec: {
                type: 'object',
                required: ['address', 'audience', 'caCert'],
                properties: {
                  address: { ...TEXT, minLength: 1 },
                  audience: { ...TEXT, minLength: 1 },
                  caCert: { ...TEXT, format: 'byte', minLength: 1 },
                },
              },
            },
          },
        },
        additionalPrinterColumns: [
          { name: 'Address', type: 'string', jsonPath: '.spec.address' },
          { name: 'Audience', type: 'string', jsonPath: '.spec.audience' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};
