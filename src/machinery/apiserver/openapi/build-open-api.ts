import { describeField, describeKindField } from '#api/descriptions/describe.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import type { ReviewKind } from '../contract/registry.ts';
import { findDefinition, KUBERNETES_VERSION, OBJECT_META, type Schema } from '#api/schema/definitions.ts';

/** An OpenAPI 3.0 document of one group and version. */
export interface OpenApiV3 {
  readonly openapi: '3.0.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, unknown>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const REFERENCE = '#/definitions/';
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
// why: without the last one kubectl falls back to the OpenAPI v2 document, which is not served; own kinds are merged by the plain rules
const FACTS_PATCH_TYPES = [...PATCH_TYPES, 'application/strategic-merge-patch+json'];

/**
 * The document that kubectl's apply, create, edit, diff and explain read (`/openapi/v3/…`).
 * It holds what they use: per kind the PATCH of one object, and the schemas that are reachable from the kinds and their lists.
 */
export function buildOpenApiV3(
  groupVersion: Pick<Resource, 'group' | 'version'>,
  kinds: readonly KindDefinition[],
  reviews: readonly ReviewKind[] = [],
): OpenApiV3 {
  const own = kinds.filter(({ resource }) => resource.group === groupVersion.group && resource.version === groupVersion.version);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `v${KUBERNETES_VERSION}.0` },
    paths: Object.fromEntries([...own.flatMap(pathsOf), ...reviews.map(pathOfReview)]),
    components: { schemas: schemasOf(own, reviews) },
  };
}

function pathsOf(kind: KindDefinition): [string, unknown][] {
  const { resource } = kind;
  const prefix = resource.group === '' ? '/api' : '/apis';
  const scope = resource.isNamespaced ? '/namespaces/{namespace}' : '';
  const path = `${prefix}/${apiVersionOf(resource)}${scope}/${resource.plural}/{name}`;
  return [[path, { parameters: pathParameters(resource), patch: patchOf(kind) }]];
}

function pathOfReview({ resource, schema }: ReviewKind): [string, unknown] {
  const scope = resource.isNamespaced ? '/namespaces/{namespace}' : '';
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
  const post = {
    description: `answer a ${resource.kind}`,
    operationId: `create${resource.group.split('.')[0]}${resource.version}${resource.isNamespaced ? 'Namespaced' : ''}${resource.kind}`,
    requestBody: { content, required: true },
    responses: { '201': { description: 'Created', content } },
    'x-kubernetes-action': 'post',
    'x-kubernetes-group-version-kind': { group: resource.group, version: resource.version, kind: resource.kind },
  };
  return [`/apis/${apiVersionOf(resource)}${scope}/${resource.plural}`, { parameters: pathParameters(resource).slice(1), post }];
}

function pathParameters(resource: Resource): unknown[] {
  const names = resource.isNamespaced ? ['name', 'namespace'] : ['name'];
  return names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }));
}

function patchOf({ resource, schema, own }: KindDefinition): unknown {
  const types = own === undefined ? FACTS_PATCH_TYPES : PATCH_TYPES;
  const body = { schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' } };
  const answer = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
  return {
    description: `change the specified ${resource.kind} in part`,
    operationId: `patch${resource.group === '' ? 'Core' : resource.group.split('.')[0]}${resource.version}${resource.isNamespaced ? 'Namespaced' : ''}${resource.kind}`,
    parameters: QUERY_PARAMETERS,
    requestBody: { content: Object.fromEntries(types.map((type) => [type, body])), required: true },
    responses: { '200': { description: 'OK', content: answer }, '201': { description: 'Created', content: answer } },
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': { group: resource.group, version: resource.version, kind: resource.kind },
  };
}

const QUERY_PARAMETERS = [
  { name: 'dryRun', description: 'All = check and answer, but store nothing.', type: 'string' },
  { name: 'fieldManager', description: 'Who makes the change.', type: 'string' },
  { name: 'fieldValidation', description: 'Ignore, Warn or Strict: what to do about unknown and repeated fields.', type: 'string' },
  { name: 'force', description: 'Take fields over from other managers; for apply only.', type: 'boolean' },
].map(({ name, description, type }) => ({ name, in: 'query', description, schema: { type, uniqueItems: true } }));

const PATCH_DEFINITION = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch';

function schemasOf(kinds: readonly KindDefinition[], reviews: readonly ReviewKind[]): Record<string, unknown> {
  const schemas = new Map<string, unknown>();
  const pending = [PATCH_DEFINITION, ...kinds.flatMap(({ schema }) => [schema, `${schema}List`]), ...reviews.map(({ schema }) => schema)];
  for (const kind of kinds) {
    if (kind.own === undefined) continue;
    schemas.set(kind.schema, kind.own.openApi()).set(`${kind.schema}List`, listOf(kind));
    pending.push(OBJECT_META, LIST_META);
  }
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const definition = findDefinition(name);
    if (definition === undefined || schemas.has(name)) continue;
    schemas.set(
      name,
      convertDefinition(name, definition, (reference) => pending.push(reference)),
    );
  }
  return Object.fromEntries([...schemas].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const LIST_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta';

function listOf({ schema, resource: { group, version, listKind } }: KindDefinition): unknown {
  return {
    description: `A list of ${listKind.replace(/List$/, '')} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string', description: describeKindField('apiVersion') },
      kind: { type: 'string', description: describeKindField('kind') },
      metadata: { allOf: [{ $ref: `#/components/schemas/${LIST_META}` }] },
      items: { type: 'array', items: { $ref: `#/components/schemas/${schema}` } },
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind: listKind }],
  };
}

type Visit = (definitionName: string) => void;

function convertDefinition(name: string, definition: Schema, visit: Visit): unknown {
  const description = describeField(name);
  const scalar =
    definition.format === 'int-or-string' ? { oneOf: [{ type: 'integer' }, { type: 'string' }], format: 'int-or-string' } : undefined;
  const isKind = definition['x-kubernetes-group-version-kind'] !== undefined;
  const describe = (key: string): string | undefined => describeField(name, key) ?? (isKind ? describeKindField(key) : undefined);
  const body = scalar ?? convert(definition, describe, visit);
  return description === undefined ? body : { description, ...body };
}

function convert(schema: Schema, describe: (key: string) => string | undefined, visit: Visit): Record<string, unknown> {
  const { $ref, items, properties, additionalProperties, ...rest } = schema;
  if ($ref !== undefined) {
    const name = $ref.slice(REFERENCE.length);
    visit(name);
    const reference = { $ref: `#/components/schemas/${name}` };
    // why: OpenAPI 3.0 ignores what stands beside a $ref
    return Object.keys(rest).length === 0 ? reference : { ...rest, allOf: [reference] };
  }
  const nothing = (): undefined => undefined;
  return {
    ...rest,
    ...(items === undefined ? {} : { items: convert(items, nothing, visit) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: convert(additionalProperties, nothing, visit) } : {}),
    ...(properties === undefined ? {} : { properties: convertProperties(properties, describe, visit) }),
  };
}

function convertProperties(
  properties: Readonly<Record<string, Schema>>,
  describe: (key: string) => string | undefined,
  visit: Visit,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, property]) => {
      const description = describe(key);
      const converted = convert(property, () => undefined, visit);
      if (description === undefined) return [key, converted];
      const { $ref, ...rest } = converted;
      return [key, $ref === undefined ? { description, ...rest } : { description, allOf: [{ $ref }] }];
    }),
  );
}
