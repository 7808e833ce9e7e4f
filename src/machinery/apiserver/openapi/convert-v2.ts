import { isRecord, type Json, trusted } from '#kit/json.ts';
import type { OpenApiV3 } from './build-open-api.ts';

/** An OpenAPI 2.0 document; its parts are as v2 has them. */
export interface OpenApiV2 {
  readonly swagger: '2.0';
  readonly info: OpenApiV3['info'];
  readonly paths: Readonly<Record<string, JsonRecord>>;
  readonly definitions: Readonly<Record<string, JsonRecord>>;
}

/** An object of JSON. */
export type JsonRecord = Readonly<Record<string, Json | undefined>>;

const V3_REFERENCE = '#/components/schemas/';
const V2_REFERENCE = '#/definitions/';

/** One v2 document out of the v3 documents of all groups and versions: what kubectl before 1.29 reads. */
export function convertToV2(documents: readonly OpenApiV3[], info: OpenApiV3['info']): OpenApiV2 {
  const paths: Record<string, JsonRecord> = {};
  const definitions: Record<string, JsonRecord> = {};
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths)) paths[path] = convertPath(item);
    for (const [name, schema] of Object.entries(document.components.schemas)) definitions[name] ??= convertDefinition(schema);
  }
  return { swagger: '2.0', info, paths, definitions };
}

function convertPath(item: unknown): JsonRecord {
  if (!isRecord(item)) return {};
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, key === 'parameters' ? convertParameters(value) : convertOperation(value)]),
  );
}

function convertOperation(value: unknown): JsonRecord {
  if (!isRecord(value)) return {};
  const { requestBody, responses, parameters, ...rest } = value;
  const content = isRecord(requestBody) && isRecord(requestBody['content']) ? requestBody['content'] : {};
  const [body] = Object.values(content);
  const schema = isRecord(body) ? convertSchema(body['schema']) : {};
  return {
    ...asJson(rest),
    consumes: Object.keys(content),
    parameters: [{ name: 'body', in: 'body', required: true, schema }, ...convertParameters(parameters)],
    responses: isRecord(responses)
      ? Object.fromEntries(Object.entries(responses).map(([code, answer]) => [code, convertAnswer(answer)]))
      : {},
  };
}

function convertAnswer(answer: unknown): JsonRecord {
  if (!isRecord(answer) || !isRecord(answer['content'])) return asJson(answer);
  const [content] = Object.values(answer['content']);
  return { description: String(answer['description']), schema: isRecord(content) ? convertSchema(content['schema']) : {} };
}

/** In v2 the type stands in the parameter itself. */
function convertParameters(parameters: unknown): JsonRecord[] {
  if (!Array.isArray(parameters)) return [];
  return parameters.map((parameter: unknown) => {
    const { schema, ...rest } = isRecord(parameter) ? parameter : {};
    return { ...asJson(rest), ...asJson(schema) };
  });
}

const KEEPS_UNKNOWN = 'x-kubernetes-preserve-unknown-fields';
const KIND = 'x-kubernetes-group-version-kind';

/** A definition that keeps whatever it is given says no more than that it is an object: kubectl would refuse every field beside those that it names. */
function convertDefinition(schema: unknown): JsonRecord {
  const isOpen = isRecord(schema) && schema[KEEPS_UNKNOWN] === true && schema[KIND] !== undefined;
  return isOpen ? asJson({ type: 'object', [KIND]: schema[KIND] }) : convertSchema(schema);
}

/** Without what kubectl before 1.29 can't cope with: null, lists of anything, objects with unknown fields (apiextensions `ToStructuralOpenAPIV2`). */
function withoutUnknown(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { items, type, required, properties } = schema;
  const isNullable = schema['nullable'] === true;
  const keepsAll = schema[KEEPS_UNKNOWN] === true;
  const dropped = new Set<string>();
  if (isNullable || keepsAll) dropped.add('items').add('properties');
  const isListOfAnything = type === 'array' && (items === undefined || dropped.has('items'));
  if (isNullable || isListOfAnything || (keepsAll && type === 'object')) dropped.add('type');
  const needed = neededOf(required, properties);
  if (needed.length === 0) dropped.add('required');
  return Object.fromEntries(Object.entries({ ...schema, required: needed }).filter(([key]) => !dropped.has(key)));
}

/** What may be null need not be there. */
function neededOf(required: unknown, properties: unknown): readonly unknown[] {
  const members = isRecord(properties) ? properties : {};
  const mayBeNull = (name: unknown): boolean => {
    const member = members[String(name)];
    return isRecord(member) && member['nullable'] === true;
  };
  return Array.isArray(required) ? required.filter((name: unknown) => !mayBeNull(name)) : [];
}

/** What v3 says with a lone `allOf` is a `$ref` with words beside it; `oneOf` is unknown to v2, whose int-or-string is a text. */
function convertSchema(schema: unknown): JsonRecord {
  if (!isRecord(schema)) return {};
  const {
    $ref,
    allOf,
    oneOf,
    anyOf: _anyOf,
    not: _not,
    nullable: _nullable,
    items,
    properties,
    additionalProperties,
    ...rest
  } = withoutUnknown(schema);
  const reference = typeof $ref === 'string' ? $ref : onlyReference(allOf);
  return {
    ...asJson(rest),
    ...(reference === undefined ? {} : { $ref: reference.replace(V3_REFERENCE, V2_REFERENCE) }),
    ...(oneOf !== undefined && rest['format'] === 'int-or-string' ? { type: 'string' } : {}),
    ...(items === undefined ? {} : { items: convertSchema(items) }),
    ...(additionalProperties === undefined
      ? {}
      : { additionalProperties: isRecord(additionalProperties) ? convertSchema(additionalProperties) : additionalProperties === true }),
    ...(isRecord(properties)
      ? { properties: Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, convertSchema(property)])) }
      : {}),
  };
}

function onlyReference(allOf: unknown): string | undefined {
  if (!Array.isArray(allOf) || allOf.length !== 1) return undefined;
  const only: unknown = allOf[0];
  return isRecord(only) && typeof only['$ref'] === 'string' ? only['$ref'] : undefined;
}

function asJson(value: unknown): JsonRecord {
  // why trusted: the documents are made of JSON alone
  return isRecord(value) ? trusted<JsonRecord>(value) : {};
}
