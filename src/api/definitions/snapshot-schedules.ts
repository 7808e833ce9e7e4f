import type { CustomResourceDefinition, JSONSchemaProps } from '../generated/kubernetes.ts';
import type { Draft } from '../meta/object.ts';
import { VOLUMES_GROUP } from './rollbacks.ts';

const TEXT: JSONSchemaProps = { type: 'string' };
const NAME: JSONSchemaProps = { ...TEXT, minLength: 1, maxLength: 253 };
const TIME: JSONSchemaProps = { ...TEXT, format: 'date-time' };
const COUNT: JSONSchemaProps = { type: 'integer', format: 'int32', minimum: 0 };
/** Kept of one claim: no driver is asked to hold more. */
const MAX_KEPT = 1000;
const DAY_SEC = 86_400;

const SELECTOR: JSONSchemaProps = {
  type: 'object',
  properties: {
    matchLabels: { type: 'object', additionalProperties: { ...TEXT, maxLength: 63 }, maxProperties: 100 },
    matchExpressions: {
      type: 'array',
      maxItems: 100,
      items: {
        type: 'object',
        required: ['key', 'operator'],
        properties: {
          key: { ...TEXT, maxLength: 317 },
          operator: { ...TEXT, enum: ['In', 'NotIn', 'Exists', 'DoesNotExist'] },
          values: { type: 'array', maxItems: 100, items: { ...TEXT, maxLength: 63 } },
        },
      },
    },
  },
};

/** Commands before, and after: more are a script in the container. */
const MAX_HOOKS = 10;

const HOOK: JSONSchemaProps = {
  type: 'object',
  required: ['command'],
  properties: {
    podSelector: SELECTOR,
    container: { ...TEXT, minLength: 1, maxLength: 63 },
    command: { type: 'array', minItems: 1, maxItems: 64, items: { ...TEXT, maxLength: 4096 } },
    timeoutSeconds: { ...COUNT, minimum: 1, maximum: 300 },
    onError: { ...TEXT, enum: ['Fail', 'Continue'] },
  },
};

const HOOKS: JSONSchemaProps = {
  type: 'object',
  properties: {
    before: { type: 'array', maxItems: MAX_HOOKS, items: HOOK },
    after: { type: 'array', maxItems: MAX_HOOKS, items: HOOK },
    holdSeconds: { ...COUNT, minimum: 1, maximum: 600 },
  },
};

const SPEC: JSONSchemaProps = {
  type: 'object',
  required: ['schedule', 'selector'],
  properties: {
    schedule: { ...TEXT, minLength: 1, maxLength: 253 },
    timeZone: { ...TEXT, minLength: 1, maxLength: 64 },
    suspend: { type: 'boolean' },
    jitterSeconds: { ...COUNT, maximum: DAY_SEC },
    startingDeadlineSeconds: COUNT,
    selector: SELECTOR,
    asGroup: { type: 'boolean' },
    volumeSnapshotClassName: NAME,
    volumeGroupSnapshotClassName: NAME,
    keep: {
      type: 'object',
      properties: {
        count: { ...COUNT, minimum: 1, maximum: MAX_KEPT },
        age: { ...TEXT, maxLength: 20, pattern: '^[1-9][0-9]*[mhd]$' },
      },
    },
    hooks: HOOKS,
  },
  'x-kubernetes-validations': [
    {
      rule: '!has(self.volumeSnapshotClassName) || !has(self.asGroup) || !self.asGroup',
      message: 'with asGroup the class is that of the group: volumeGroupSnapshotClassName',
    },
    {
      rule: '!has(self.volumeGroupSnapshotClassName) || (has(self.asGroup) && self.asGroup)',
      message: 'volumeGroupSnapshotClassName goes with asGroup: true',
    },
  ],
};

const STATUS: JSONSchemaProps = {
  type: 'object',
  properties: {
    message: TEXT,
    lastScheduleTime: TIME,
    nextScheduleTime: TIME,
    lastSuccessfulTime: TIME,
    snapshots: { type: 'integer', format: 'int32' },
    missedRuns: { type: 'integer', format: 'int32' },
    lastHookError: TEXT,
    hooks: {
      type: 'object',
      required: ['scheduledTime', 'since', 'phase'],
      properties: {
        scheduledTime: TIME,
        since: TIME,
        phase: { ...TEXT, enum: ['Before', 'Taking', 'After'] },
        pods: { type: 'array', items: { type: 'object', required: ['name', 'uid'], properties: { name: TEXT, uid: TEXT } } },
      },
    },
  },
};

/** Snapshots of claims at times, and how long they are kept (requirement SNAP-8). */
export const SNAPSHOT_SCHEDULE_DEFINITION: Draft<CustomResourceDefinition> = {
  metadata: { name: `snapshotschedules.${VOLUMES_GROUP}` },
  spec: {
    group: VOLUMES_GROUP,
    scope: 'Namespaced',
    names: { kind: 'SnapshotSchedule', listKind: 'SnapshotScheduleList', plural: 'snapshotschedules', singular: 'snapshotschedule' },
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
            'x-kubernetes-validations': [
              {
                rule: 'size(self.metadata.name) <= 63',
                message: 'the name is at most 63 characters long: it is a label of the snapshots',
              },
            ],
          },
        },
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Schedule', type: 'string', jsonPath: '.spec.schedule' },
          { name: 'Suspend', type: 'boolean', jsonPath: '.spec.suspend' },
          { name: 'Snapshots', type: 'integer', jsonPath: '.status.snapshots' },
          { name: 'Last', type: 'date', jsonPath: '.status.lastScheduleTime' },
          { name: 'Next', type: 'string', jsonPath: '.status.nextScheduleTime' },
          { name: 'Message', type: 'string', jsonPath: '.status.message' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    ],
  },
};
