import { describeKindField } from '#api/descriptions/describe.ts';
import type { Resource } from '#api/meta/resource.ts';
import { OBJECT_META } from '#api/schema/definitions.ts';
import { isEmbeddedResource, type StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';

/** The schema of a definition as OpenAPI v3 has it: with the members that every object has, and what clients do not know put in words that they do. */
export function openApiOf(schema: StructuralSchema, { group, version, kind }: Resource): Readonly<Record<string, unknown>> {
  return { ...withObjectMembers(convert(schema)), 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
}

type Converted = Readonly<Record<string, unknown>>;

function convert(schema: StructuralSchema): Converted {
  const { items, properties, additionalProperties, ...rest } = schema;
  const converted = {
    ...rest,
    ...(items === undefined ? {} : { items: convert(items) }),
    ...(isRecord(additionalProperties) ? { additionalProperties: convert(additionalProperties) } : {}),
    ...(additionalProperties === true ? { additionalProperties: true } : {}),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, convert(property)])) }),
  };
  return isEmbeddedResource(schema) ? withObjectMembers(converted) : converted;
}

function withObjectMembers(schema: Converted): Converted {
  const properties = isRecord(schema['properties']) ? schema['properties'] : {};
  const text = (key: string): object => ({ type: 'string', description: describeKindField(key) });
  return {
    ...schema,
    properties: {
      ...properties,
      apiVersion: text('apiVersion'),
      kind: text('kind'),
      metadata: { description: describeKindField('metadata'), allOf: [{ $ref: `#/components/schemas/${OBJECT_META}` }] },
    },
  };
}
