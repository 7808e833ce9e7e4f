import type { KindDefinition } from '#api/meta/kind.ts';
import { definitionOf, memberSchema, OBJECT_META, resolveReference, type Schema } from '#api/schema/definitions.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { keyElement, valueElement } from './path-element.ts';

/** How the fields of a value are owned. */
export type Shape = Leaf | Members | Items;

/** As a whole: scalars, and lists and maps that are atomic. */
export interface Leaf {
  readonly type: 'leaf';
}

/** Member by member. */
export interface Members {
  readonly type: 'members';
  /** Undefined where nothing is known of the member: its shape then follows its value. */
  readonly schemaOf: (key: string) => Schema | undefined;
  /** True for a map, whose keys the schema does not name. */
  readonly isMap: boolean;
  /** True for a field that the schema names; false for a key of a map. */
  readonly isNamed: (key: string) => boolean;
}

/** Item by item, each told by its keys or its value. */
export interface Items {
  readonly type: 'items';
  readonly item: Schema | undefined;
  /** The step to an item; undefined where the item lacks what tells it apart. */
  readonly elementOf: (item: unknown) => string | undefined;
  /** Names of the keys; empty for a set. */
  readonly keys: readonly string[];
}

const WHOLE: Leaf = { type: 'leaf' };
/** Data of which the schema says nothing is one value (`__untyped_atomic_` of upstream's schemas): the state of a ControllerRevision, a driver's parameters. */
const FREE_DATA = '#/definitions/io.k8s.apimachinery.pkg.runtime.RawExtension';

/** Keys of list items that have a default, which upstream's OpenAPI carries and the facts do not; a required one is Go's zero value where nothing else is said. */
const KEY_DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'io.k8s.api.core.v1.LocalObjectReference': { name: '' },
  'io.k8s.api.core.v1.ContainerPort': { protocol: 'TCP' },
  'io.k8s.api.core.v1.ServicePort': { protocol: 'TCP' },
};

const OWN_SCHEMAS = new WeakMap<KindDefinition, Schema>();

/** The schema of objects of a kind. */
export function schemaOfKind(kind: KindDefinition): Schema {
  if (kind.own === undefined) return definitionOf(kind.schema).schema;
  const known = OWN_SCHEMAS.get(kind);
  if (known !== undefined) return known;
  // why: OpenAPI and the facts name the same things alike, but for the reference to the metadata
  const schema = trusted<Schema>(kind.own.openApi());
  const made = { ...schema, properties: { ...schema.properties, metadata: { $ref: `#/definitions/${OBJECT_META}` } } };
  OWN_SCHEMAS.set(kind, made);
  return made;
}

/**
 * The shape of `value` by its schema (kube-openapi pkg/schemaconv): lists are atomic unless they are sets or maps, maps and structs are granular unless they are atomic.
 * Without a schema objects are granular and lists atomic.
 */
export function shapeOf(schema: Schema | undefined, value: unknown): Shape {
  if (Array.isArray(value)) return schema === undefined ? WHOLE : shapeOfList(schema);
  if (!isRecord(value)) return WHOLE;
  const resolved = schema === undefined ? {} : resolveReference(schema).schema;
  // why: a field may say otherwise than the definition that it refers to (claimRef of a PersistentVolume)
  const mapType = schema?.['x-kubernetes-map-type'] ?? resolved['x-kubernetes-map-type'];
  if (mapType === 'atomic' || schema?.$ref === FREE_DATA) return WHOLE;
  return {
    type: 'members',
    isMap: resolved.properties === undefined,
    schemaOf: (key) => memberSchema(resolved, key),
    isNamed: (key) => resolved.properties !== undefined && Object.hasOwn(resolved.properties, key),
  };
}

function shapeOfList(schema: Schema): Shape {
  const listType = listTypeOf(schema);
  if (listType === 'atomic') return WHOLE;
  const { items: item } = schema;
  if (listType === 'set') return { type: 'items', item, keys: [], elementOf: elementOfSet };
  const keys = schema['x-kubernetes-list-map-keys'] ?? [schema['x-kubernetes-patch-merge-key'] ?? ''];
  return { type: 'items', item, keys, elementOf: (value) => elementOfMap(value, keys, item) };
}

function listTypeOf(schema: Schema): 'atomic' | 'set' | 'map' {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'set' || listType === 'map') return listType;
  const isMerged = (schema['x-kubernetes-patch-strategy'] ?? '').split(',').includes('merge');
  if (listType !== undefined || !isMerged) return 'atomic';
  return schema['x-kubernetes-patch-merge-key'] === undefined ? 'set' : 'map';
}

function elementOfSet(value: unknown): string | undefined {
  return typeof value === 'object' || value === undefined ? undefined : valueElement(value);
}

function elementOfMap(value: unknown, keys: readonly string[], item: Schema | undefined): string | undefined {
  if (!isRecord(value)) return undefined;
  const found: [string, unknown][] = [];
  for (const key of keys) {
    const given = value[key] ?? defaultOfKey(item, key);
    if (given === undefined) return undefined;
    found.push([key, given]);
  }
  return keyElement(Object.fromEntries(found));
}

function defaultOfKey(item: Schema | undefined, key: string): unknown {
  if (item === undefined) return undefined;
  const { name, schema } = resolveReference(item);
  // why: schemas of CustomResourceDefinitions carry defaults
  const property: (Schema & { readonly default?: unknown }) | undefined = memberSchema(schema, key);
  return (
    property?.default ??
    KEY_DEFAULTS[name]?.[key] ??
    (name !== '' && schema.required?.includes(key) === true ? zeroOf(property) : undefined)
  );
}

function zeroOf(property: Schema | undefined): unknown {
  if (property?.type === 'integer') return 0;
  return property?.type === 'string' ? '' : undefined;
}

/** The items of a list by their steps, in the list's order; undefined where an item can't be told apart, which makes the list a leaf. */
export function indexItems({ elementOf }: Items, list: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> | undefined {
  const index = new Map<string, unknown[]>();
  for (const item of list) {
    const element = elementOf(item);
    if (element === undefined) return undefined;
    const same = index.get(element);
    if (same === undefined) index.set(element, [item]);
    else same.push(item);
  }
  return index;
}
