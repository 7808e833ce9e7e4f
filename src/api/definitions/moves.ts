import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';
import { KEPT_OBJECT, STOPPED_CONSUMERS, SWAPPED_VOLUME, VOLUMES_GROUP } from './rollbacks.ts';

const TEXT: JSONSchemaProps = { type: 'string' };
const NAME: JSONSchemaProps = { ...TEXT, minLength: 1, maxLength: 253 };
/** What can be asked of the new place. */
const WISHES = ['storageClassName', 'size', 'nodeName', 'targetNamespace'] as const;

const SPEC: JSONSchemaProps = {
  type: 'object',
  required: ['claimName'],
  properties: {
    claimName: NAME,
    storageClassName: NAME,
    size: { ...TEXT, maxLength: 32, pattern: String.raw`^[1-9][0-9]*(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|Ei|k|M|G|T|P|E)?$` },
    nodeName: NAME,
    targetNamespace: { ...TEXT, minLength: 1, maxLength: 63, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$' },
    decision: { ...TEXT, enum: ['Confirm', 'Undo'] },
  },
  'x-kubernetes-validations': [
    {
      rule: WISHES.map((name) => `has(self.${name})`).join(' || '),
      message: 'at least one of storageClassName, size, nodeName and targetNamespace says where to',
    },
    { rule: 'self.claimName == oldSelf.claimName', message: 'claimName can not be changed: make another VolumeMove' },
    ...WISHES.map((name) => ({
      rule: `has(self.${name}) == has(oldSelf.${name}) && (!has(self.${name}) || self.${name} == oldSelf.${name})`,
      message: `${name} can not be changed: undo this, and make another VolumeMove`,
    })),
    {
      rule: '!has(oldSelf.decision) || (has(self.decision) && self.decision == oldSelf.decision)',
      message: 'a decision is final: what was undone or confirmed needs another VolumeMove',
    },
  ],
};

/** In the order in which a job passes through them; the last three are final. */
const PHASES = [
  'Preparing',
  'Copying',
  'Stopping',
  'Finishing',
  'Swapping',
  'Starting',
  'Swapped',
  'UndoStopping',
  'UndoSwapping',
  'UndoStarting',
  'Confirmed',
  'Undone',
  'Refused',
];
const BYTES: JSONSchemaProps = { type: 'integer', format: 'int64', minimum: 0 };

const STATUS: JSONSchemaProps = {
  type: 'object',
  properties: {
    phase: { ...TEXT, enum: PHASES },
    message: TEXT,
    problem: TEXT,
    uid: TEXT,
    claim: KEPT_OBJECT,
    nodeName: TEXT,
    oldVolume: SWAPPED_VOLUME,
    newVolume: SWAPPED_VOLUME,
    copy: {
      type: 'object',
      properties: {
        sinceSeconds: BYTES,
        doneBytes: BYTES,
        totalBytes: BYTES,
        percent: { type: 'integer', format: 'int32', minimum: 0, maximum: 100 },
      },
    },
    consumers: STOPPED_CONSUMERS,
    notes: { type: 'array', maxItems: 10, items: TEXT },
  },
};

/** The move of a claim to another class, size, node or namespace, as one job that can be undone (requirement VOL-20). */
export const MOVE_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: { name: `volumemoves.${VOLUMES_GROUP}` },
  spec: {
    group: VOLUMES_GROUP,
    scope: 'Namespaced',
    names: { kind: 'VolumeMove', listKind: 'VolumeMoveList', plural: 'volumemoves', singular: 'volumemove', shortNames: ['vmv'] },
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            required: ['spec'],
            properties: { apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' }, spec: SPEC, status: STATUS },
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Claim', type: 'string', jsonPath: '.spec.claimName' },
          { name: 'Status', type: 'string', jsonPath: '.status.phase' },
          { name: 'Percent', type: 'integer', jsonPath: '.status.copy.percent' },
          { name: 'Message', type: 'string', jsonPath: '.status.message', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};
