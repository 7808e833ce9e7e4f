/** A schema that Stowage adds, in OpenAPI's words. */
interface AddedSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly items?: AddedSchema;
  readonly properties?: Readonly<Record<string, AddedSchema>>;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
}

const CORE = 'io.k8s.api.core.v1.';
const STORAGE = 'io.k8s.api.storage.v1.';
const STRING: AddedSchema = { type: 'string' };
const TIME: AddedSchema = { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.Time' };
const refTo = (name: string): AddedSchema => ({ $ref: `#/definitions/${CORE}${name}` });

/** One of each status and reason (KEP-1432). */
const HEALTH_CONDITIONS: AddedSchema = {
  type: 'array',
  items: refTo('VolumeHealthCondition'),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['status', 'reason'],
  'x-kubernetes-patch-merge-key': 'status',
  'x-kubernetes-patch-strategy': 'merge',
};

/**
 * Fields that Stowage serves before the schema of Kubernetes that it carries has them, by definition: named as Kubernetes' next version or a proposal
 * names them, and all optional, so that a client that does not know them reads and writes the rest as before. Those of a Kubernetes that is out
 * have their number in protobuf (`machinery/apiserver/protobuf/added-numbers.ts`).
 */
const ADDED_FIELDS: ReadonlyMap<string, Readonly<Record<string, AddedSchema>>> = new Map<string, Readonly<Record<string, AddedSchema>>>([
  // KEP-4650: what becomes of claims when their template changes
  ['io.k8s.api.apps.v1.StatefulSetSpec', { volumeClaimUpdatePolicy: STRING }],
  // 1.37, KEP-5502
  [`${CORE}EmptyDirVolumeSource`, { mode: { type: 'integer', format: 'int32' } }],
  // 1.37, KEP-5855
  [`${CORE}VolumeMount`, { bindMountOptions: { type: 'array', items: STRING, 'x-kubernetes-list-type': 'set' } }],
  // 1.37, KEP-1432: what a driver says of volumes
  [`${CORE}PersistentVolumeClaimStatus`, { healthStatus: refTo('VolumeHealthStatus') }],
  [
    `${CORE}PodStatus`,
    {
      volumeHealth: {
        type: 'array',
        items: refTo('PodVolumeHealth'),
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
      },
    },
  ],
  // the same of what drivers say of the storage that a node reaches
  [`${STORAGE}CSINode`, { status: { $ref: `#/definitions/${STORAGE}CSINodeStatus` } }],
]);

/** Definitions that added fields refer to. */
const ADDED_DEFINITIONS: Readonly<Record<string, AddedSchema>> = {
  [`${CORE}VolumeHealthCondition`]: {
    type: 'object',
    properties: { status: STRING, reason: STRING, message: STRING },
    required: ['status', 'reason'],
  },
  [`${CORE}VolumeHealthStatus`]: { type: 'object', properties: { healthConditions: HEALTH_CONDITIONS, lastTransitionTime: TIME } },
  [`${CORE}PodVolumeHealth`]: {
    type: 'object',
    properties: { name: STRING, healthConditions: HEALTH_CONDITIONS, lastTransitionTime: TIME },
    required: ['name'],
  },
  [`${STORAGE}CSINodeStatus`]: {
    type: 'object',
    properties: {
      storageHealth: {
        type: 'array',
        items: { $ref: `#/definitions/${STORAGE}StorageHealth` },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
        'x-kubernetes-patch-merge-key': 'name',
        'x-kubernetes-patch-strategy': 'merge',
      },
    },
  },
  [`${STORAGE}StorageHealth`]: {
    type: 'object',
    properties: {
      name: STRING,
      healthConditions: {
        type: 'array',
        items: { $ref: `#/definitions/${STORAGE}StorageHealthCondition` },
        'x-kubernetes-list-type': 'atomic',
      },
    },
    required: ['name'],
  },
  [`${STORAGE}StorageHealthCondition`]: {
    type: 'object',
    properties: { status: STRING, reason: STRING, message: STRING, accessMode: STRING, volumeMode: STRING, lastTransitionTime: TIME },
    required: ['status', 'reason'],
  },
};

/** `definitions` with what Stowage adds; a field or definition that is there already stays as it is. */
export function withAddedFields<S extends { readonly properties?: Readonly<Record<string, S | AddedSchema>> }>(
  definitions: Readonly<Record<string, S>>,
): Readonly<Record<string, S | AddedSchema>> {
  const widened = Object.entries(definitions).map(([name, schema]): readonly [string, S] => {
    const added = ADDED_FIELDS.get(name);
    return [name, added === undefined ? schema : { ...schema, properties: { ...added, ...schema.properties } }];
  });
  return { ...ADDED_DEFINITIONS, ...Object.fromEntries(widened) };
}
