import protobuf from 'protobufjs/light.js';
import { isRecord } from '#kit/json.ts';
import { writeYaml } from '#kit/write-yaml.ts';
import type { JsonRecord, OpenApiV2 } from './convert-v2.ts';

type Field = readonly [id: number, type: string, isList?: 'repeated'];
const LIST = 'repeated';

/** The messages of gnostic's `OpenAPIv2.proto` that a Kubernetes document uses, with its field numbers. */
const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  Document: { swagger: [1, 'string'], info: [2, 'Info'], paths: [8, 'Paths'], definitions: [9, 'Definitions'] },
  Info: { title: [1, 'string'], version: [2, 'string'] },
  Definitions: { entries: [1, 'NamedSchema', LIST] },
  NamedSchema: { name: [1, 'string'], value: [2, 'Schema'] },
  Paths: { entries: [2, 'NamedPathItem', LIST] },
  NamedPathItem: { name: [1, 'string'], value: [2, 'PathItem'] },
  PathItem: { post: [4, 'Operation'], patch: [8, 'Operation'], parameters: [9, 'ParametersItem', LIST] },
  Operation: {
    description: [3, 'string'],
    operationId: [5, 'string'],
    consumes: [7, 'string', LIST],
    parameters: [8, 'ParametersItem', LIST],
    responses: [9, 'Responses'],
    extensions: [13, 'NamedAny', LIST],
  },
  ParametersItem: { parameter: [1, 'Parameter'] },
  Parameter: { body: [1, 'BodyParameter'], other: [2, 'NonBodyParameter'] },
  BodyParameter: { name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'], schema: [5, 'Schema'] },
  NonBodyParameter: { query: [3, 'SimpleParameter'], path: [4, 'PathParameter'] },
  SimpleParameter: { in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [6, 'string'], uniqueItems: [20, 'bool'] },
  PathParameter: { required: [1, 'bool'], in: [2, 'string'], name: [4, 'string'], type: [5, 'string'], uniqueItems: [19, 'bool'] },
  Responses: { entries: [1, 'NamedResponseValue', LIST] },
  NamedResponseValue: { name: [1, 'string'], value: [2, 'ResponseValue'] },
  ResponseValue: { response: [1, 'Response'] },
  Response: { description: [1, 'string'], schema: [2, 'SchemaItem'] },
  SchemaItem: { schema: [1, 'Schema'] },
  NamedAny: { name: [1, 'string'], value: [2, 'Any'] },
  Any: { yaml: [2, 'string'] },
  TypeItem: { value: [1, 'string', LIST] },
  ItemsItem: { schema: [1, 'Schema', LIST] },
  AdditionalPropertiesItem: { schema: [1, 'Schema'], boolean: [2, 'bool'] },
  Properties: { entries: [1, 'NamedSchema', LIST] },
  Schema: {
    reference: [1, 'string'],
    format: [2, 'string'],
    description: [4, 'string'],
    default: [5, 'Any'],
    maximum: [7, 'double'],
    minimum: [9, 'double'],
    maxLength: [11, 'int64'],
    minLength: [12, 'int64'],
    pattern: [13, 'string'],
    maxItems: [14, 'int64'],
    minItems: [15, 'int64'],
    uniqueItems: [16, 'bool'],
    required: [19, 'string', LIST],
    enum: [20, 'Any', LIST],
    additionalProperties: [21, 'AdditionalPropertiesItem'],
    type: [22, 'TypeItem'],
    items: [23, 'ItemsItem'],
    properties: [25, 'Properties'],
    extensions: [31, 'NamedAny', LIST],
  },
};

/** Members of a schema that are carried as they are. */
const PLAIN = [
  'format',
  'description',
  'maximum',
  'minimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'required',
];

/** The document in the protobuf form that kubectl before 1.29 insists on. */
export function encodeOpenApiV2({ swagger, info, paths, definitions }: OpenApiV2): Buffer {
  const root = protobuf.Root.fromJSON({
    nested: Object.fromEntries(Object.entries(MESSAGES).map(([name, fields]) => [name, describe(fields)])),
  });
  const message = {
    swagger,
    info,
    paths: { entries: Object.entries(paths).map(([name, item]) => ({ name, value: pathItem(item) })) },
    definitions: { entries: named(definitions) },
  };
  return Buffer.from(root.lookupType('Document').encode(message).finish());
}

function describe(fields: Readonly<Record<string, Field>>): protobuf.IType {
  const described = Object.entries(fields).map(([name, [id, type, isList]]) => [
    name,
    isList === LIST ? { id, type, rule: LIST } : { id, type },
  ]);
  return { fields: Object.fromEntries(described) };
}

function pathItem(item: JsonRecord): object {
  const { post, patch, parameters } = item;
  return {
    ...(isRecord(post) ? { post: operation(post) } : {}),
    ...(isRecord(patch) ? { patch: operation(patch) } : {}),
    parameters: parametersOf(parameters),
  };
}

function operation(value: Record<string, unknown>): object {
  const responses = isRecord(value['responses']) ? Object.entries(value['responses']) : [];
  return {
    description: value['description'],
    operationId: value['operationId'],
    consumes: value['consumes'],
    parameters: parametersOf(value['parameters']),
    responses: { entries: responses.map(([name, answer]) => ({ name, value: { response: response(answer) } })) },
    extensions: extensionsOf(value),
  };
}

function response(answer: unknown): object {
  if (!isRecord(answer)) return {};
  const { description, schema: answered } = answer;
  return { description, ...(isRecord(answered) ? { schema: { schema: schema(answered) } } : {}) };
}

function parametersOf(parameters: unknown): object[] {
  if (!Array.isArray(parameters)) return [];
  return parameters.filter(isRecord).map((parameter) => {
    if (parameter['in'] === 'body') {
      const { schema: sent, ...rest } = parameter;
      return { parameter: { body: { ...rest, schema: isRecord(sent) ? schema(sent) : {} } } };
    }
    return { parameter: { other: parameter['in'] === 'path' ? { path: parameter } : { query: parameter } } };
  });
}

function schema(value: Record<string, unknown>): object {
  const { type, items, properties, additionalProperties } = value;
  return {
    ...Object.fromEntries(PLAIN.filter((key) => value[key] !== undefined).map((key) => [key, value[key]])),
    ...(typeof value['$ref'] === 'string' ? { reference: value['$ref'] } : {}),
    ...(value['default'] === undefined ? {} : { default: any(value['default']) }),
    ...(Array.isArray(value['enum']) ? { enum: value['enum'].map(any) } : {}),
    ...(typeof type === 'string' ? { type: { value: [type] } } : {}),
    ...(isRecord(items) ? { items: { schema: [schema(items)] } } : {}),
    ...(isRecord(additionalProperties) ? { additionalProperties: { schema: schema(additionalProperties) } } : {}),
    ...(additionalProperties === true ? { additionalProperties: { boolean: true } } : {}),
    ...(isRecord(properties) ? { properties: { entries: named(properties) } } : {}),
    extensions: extensionsOf(value),
  };
}

function named(schemas: Readonly<Record<string, unknown>>): object[] {
  return Object.entries(schemas).map(([name, value]) => ({ name, value: isRecord(value) ? schema(value) : {} }));
}

function extensionsOf(value: Record<string, unknown>): object[] {
  return Object.keys(value)
    .filter((key) => key.startsWith('x-'))
    .map((name) => ({ name, value: any(value[name]) }));
}

/** gnostic carries what has no fixed form as a text of YAML. */
function any(value: unknown): object {
  return { yaml: typeof value === 'object' ? writeYaml(value) : `${JSON.stringify(value)}\n` };
}
