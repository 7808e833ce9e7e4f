import type { JSONSchemaProps } from '../generated/kubernetes.ts';
import { isRecord } from '#kit/json.ts';

/** A node of the schema that a CustomResourceDefinition has (apiextensions/v1 JSONSchemaProps). */
export interface StructuralSchema extends Omit<
  JSONSchemaProps,
  'additionalProperties' | 'allOf' | 'anyOf' | 'items' | 'not' | 'oneOf' | 'properties'
> {
  readonly additionalProperties?: StructuralSchema | boolean | undefined;
  readonly allOf?: readonly StructuralSchema[] | undefined;
  readonly anyOf?: readonly StructuralSchema[] | undefined;
  readonly items?: StructuralSchema | undefined;
  readonly not?: StructuralSchema | undefined;
  readonly oneOf?: readonly StructuralSchema[] | undefined;
  readonly properties?: Readonly<Record<string, StructuralSchema>> | undefined;
}

/** True where members that the schema does not name are kept. */
export function keepsUnknown(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true;
}

/** True where the value is an object with apiVersion, kind and metadata of its own. */
export function isEmbeddedResource(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-embedded-resource'] === true;
}

/** True where the value is a whole number or a text. */
export function isIntOrString(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-int-or-string'] === true;
}

/** The schema of a property that the schema names. */
export function propertyOf({ properties }: StructuralSchema, key: string): StructuralSchema | undefined {
  // why: a body may hold keys such as `constructor`, which must not find the prototype's
  return properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined;
}

/** The schema of a member: a property, or the value of a map; undefined where the schema says nothing of it. */
export function memberOf(schema: StructuralSchema, key: string): StructuralSchema | undefined {
  const { additionalProperties } = schema;
  return propertyOf(schema, key) ?? (isRecord(additionalProperties) ? additionalProperties : undefined);
}

/** The path of a member, as upstream writes it in messages about schemas. */
export function memberPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
