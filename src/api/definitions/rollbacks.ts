import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';

/** The API group of what Stowage does with volumes as a whole. */
export const VOLUMES_GROUP = 'volumes.stowage.dev';

const TEXT: JSONSchemaProps = { type: 'string' };
const NAME: JSONSchemaProps = { ...TEXT, minLength: 1, maxLength: 253 };
/** Claims that go back together: as many as a group snapshot has members at most. */
const MAX_CLAIMS = 100;
/** Workloads that are stopped for it. */
const MAX_CONSUMERS = 1000;

const SPEC: JSONSchemaProps = {
  type: 'object',
  properties: {
    claims: {
      type: 'array',
      minItems: 1,
      maxItems: MAX_CLAIMS,
      items: {
        type: 'object',
        required: ['claimName', 'volumeSnapshotName'],
        properties: { claimName: NAME, volumeSnapshotName: NAME },
      },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['claimName'],
    },
    volumeGroupSnapshotName: NAME,
    decision: { ...TEXT, enum: ['Confirm', 'Undo'] },
  },
  'x-kubernetes-validations': [
    {
      rule: 'has(self.claims) != has(self.volumeGroupSnapshotName)',
      message: 'exactly one of claims and volumeGroupSnapshotName says what goes back',
    },
    {
      rule: 'has(self.claims) == has(oldSelf.claims) && (!has(self.claims) || self.claims == oldSelf.claims)',
      message: 'claims can not be changed: make another VolumeRollback',
    },
    {
      rule: 'has(self.volumeGroupSnapshotName) == has(oldSelf.volumeGroupSnapshotName) && (!has(self.volumeGroupSnapshotName) || self.volumeGroupSnapshotName == oldSelf.volumeGroupSnapshotName)',
      message: 'volumeGroupSnapshotName can not be changed: make another VolumeRollback',
    },
    {
      rule: '!has(oldSelf.decision) || (has(self.decision) && self.decision == oldSelf.decision)',
      message: 'a decision is final: what was undone or confirmed needs another VolumeRollback',
    },
  ],
};

/** A volume before or after a swap, and its reclaim policy. */
export const SWAPPED_VOLUME: JSONSchemaProps = { type: 'object', required: ['name'], properties: { name: TEXT, reclaimPolicy: TEXT } };
/** In the order in which a job passes through them; the last three are final. */
const PHASES = [
  'Preparing',
  'Stopping',
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
/** An object as it was, to be made again. */
export const KEPT_OBJECT: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Who was stopped for a job, and how it was. */
export const STOPPED_CONSUMERS: JSONSchemaProps = {
  type: 'array',
  maxItems: MAX_CONSUMERS,
  items: {
    type: 'object',
    required: ['kind', 'name', 'uid'],
    properties: { kind: TEXT, name: TEXT, uid: TEXT, replicas: { type: 'integer', format: 'int32' }, pod: KEPT_OBJECT },
  },
};

const STATUS: JSONSchemaProps = {
  type: 'object',
  properties: {
    phase: { ...TEXT, enum: PHASES },
    message: TEXT,
    claims: {
      type: 'array',
      maxItems: MAX_CLAIMS,
      items: {
        type: 'object',
        required: ['claimName', 'volumeSnapshotName', 'uid', 'oldVolume', 'claim'],
        properties: {
          claimName: TEXT,
          volumeSnapshotName: TEXT,
          uid: TEXT,
          oldVolume: SWAPPED_VOLUME,
          newVolume: SWAPPED_VOLUME,
          claim: KEPT_OBJECT,
        },
      },
    },
    consumers: STOPPED_CONSUMERS,
  },
};

/** The way back of claims to a point in time, as one job that can be undone (requirement SNAP-9). */
export const ROLLBACK_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: { name: `volumerollbacks.${VOLUMES_GROUP}` },
  spec: {
    group: VOLUMES_GROUP,
    scope: 'Namespaced',
    names: {
      kind: 'VolumeRollback',
      listKind: 'VolumeRollbackList',
      plural: 'volumerollbacks',
      singular: 'volumerollback',
      shortNames: ['vrb'],
    },
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
          { name: 'Claims', type: 'string', jsonPath: '.status.claims[*].claimName' },
          { name: 'Group', type: 'string', jsonPath: '.spec.volumeGroupSnapshotName' },
          { name: 'Status', type: 'string', jsonPath: '.status.phase' },
          { name: 'Message', type: 'string', jsonPath: '.status.message', priority: 1 },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};
