import facts from '../facts/kubernetes.json' with { type: 'json' };
import { isRecord, trusted } from '#kit/json.ts';
import { withAddedFields } from './additions.ts';

/** A node of a schema, in OpenAPI's words; the facts carry no descriptions. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly group: string; readonly version: string; readonly kind: string }[];
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
}

/** A schema with its name where it is a definition, for example `io.k8s.api.core.v1.PodSpec`; `''` inside one. */
export interface NamedSchema {
  readonly name: string;
  readonly schema: Schema;
}

const REFERENCE = '#/definitions/';
const DEFINITIONS: ReadonlyMap<string, NamedSchema> = new Map(
  Object.entries(withAddedFields(trusted<Record<string, Schema>>(facts.definitions))).map(([name, schema]) => [name, { name, schema }]),
);
const BY_REFERENCE: ReadonlyMap<string, NamedSchema> = new Map([...DEFINITIONS].map(([name, named]) => [REFERENCE + name, named]));

/** Definitions that are scalars on the wire though upstream has a type of its own for them. */
export const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
/** A time with whole seconds. */
export const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
/** A time with microseconds. */
export const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
/** The metadata that every object has. */
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const JSON_SCHEMA = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';
/** Definitions of which the facts say nothing because a schema is only one of the forms they take. */
const SCHEMA_OR_OTHER: ReadonlySet<string> = new Set([`${JSON_SCHEMA}OrArray`, `${JSON_SCHEMA}OrBool`]);

/** The definition that `value` has to fit, where a definition stands for several forms. */
export function formOf(named: NamedSchema, value: unknown): NamedSchema {
  return SCHEMA_OR_OTHER.has(named.name) && isRecord(value) ? definitionOf(JSON_SCHEMA) : named;
}

/** The Kubernetes version that the facts are of. */
export const KUBERNETES_VERSION: string = facts.kubernetes;

/** The definition of that name. */
export function findDefinition(name: string): Schema | undefined {
  return DEFINITIONS.get(name)?.schema;
}

/** The definition of that name. @throws TypeError where the facts have none: a mistake in a kind's definition */
export function definitionOf(name: string): NamedSchema {
  const named = DEFINITIONS.get(name);
  if (named === undefined) throw new TypeError(`the schema facts have no definition ${name}`);
  return named;
}

/** Follows a `$ref`; a schema without one stays as it is. */
export function resolveReference(schema: Schema): NamedSchema {
  if (schema.$ref === undefined) return { name: '', schema };
  return BY_REFERENCE.get(schema.$ref) ?? definitionOf(schema.$ref.slice(REFERENCE.length));
}

/** The schema of a member: a property, or the value of a map; undefined where the schema knows no such member. */
export function memberSchema(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema;
  // why: a body may hold keys such as `constructor`, which must not find the prototype's
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** True where any JSON is right below `schema`: raw extensions, JSON schema fragments, managed fields. */
export function isOpaque(schema: Schema): boolean {
  return (
    schema.properties === undefined &&
    typeof schema.additionalProperties !== 'object' &&
    (schema.type === undefined || schema.type === 'object')
  );
}
