import { writeFileSync } from 'node:fs';
import { broughtAlongDefinitions } from '#api/definitions/brought-along.ts';
import { isRecord, trusted } from '#kit/json.ts';

/**
 * Writes `src/api/generated/definitions.ts`: for each kind that Stowage brings as a definition a readonly interface of its stored version, and its resource.
 * A field that the schema asks for is always there; all others may be missing.
 */
interface Schema {
  readonly type?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

function typeOf(schema: Schema, indent: string): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'string | number';
  switch (schema.type) {
    case 'string':
      return schema.enum === undefined ? 'string' : schema.enum.map((value) => JSON.stringify(value).replaceAll('"', "'")).join(' | ');
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return `readonly (${typeOf(schema.items ?? {}, indent)})[]`;
    case 'object':
      return objectType(schema, indent);
    default:
      return 'unknown';
  }
}

function objectType({ properties, additionalProperties, required = [] }: Schema, indent: string): string {
  if (properties === undefined)
    return isRecord(additionalProperties)
      ? `Readonly<Record<string, ${typeOf(additionalProperties, indent)}>>`
      : 'Readonly<Record<string, unknown>>';
  const inner = `${indent}  `;
  const members = Object.entries(properties).toSorted(([a], [b]) => a.localeCompare(b));
  const lines = members.map(
    ([key, schema]) => `${inner}${memberOf(key, { type: typeOf(schema, inner), isThere: required.includes(key) })}`,
  );
  return ['{', ...lines, `${indent}}`].join('\n');
}

function memberOf(key: string, { type, isThere }: { readonly type: string; readonly isThere: boolean }): string {
  const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`;
  return isThere ? `readonly ${name}: ${type};` : `readonly ${name}?: ${type} | undefined;`;
}

const lines = [
  '// Made by `npm run generate` from the definitions that Stowage brings along. Do not edit.',
  "import type { KubeObject } from '../meta/object.ts';",
  "import type { Resource } from '../meta/resource.ts';",
  '',
];
const definitions = broughtAlongDefinitions().toSorted((a, b) => a.spec.names.kind.localeCompare(b.spec.names.kind));
for (const { spec } of definitions) {
  const { group, names, scope, versions } = spec;
  const version = versions.find(({ storage }) => storage);
  const schema = trusted<Schema>(version?.schema?.openAPIV3Schema ?? {});
  const members = Object.entries(schema.properties ?? {}).filter(([key]) => !['apiVersion', 'kind', 'metadata'].includes(key));
  const { kind, plural, singular = kind.toLowerCase(), shortNames = [], categories = [], listKind = `${kind}List` } = names;
  const text = (value: unknown): string => JSON.stringify(value).replaceAll('"', "'").replaceAll(',', ', ');
  lines.push(
    `/** ${group}/${version?.name ?? ''}, ${scope === 'Namespaced' ? 'in a namespace' : 'of the cluster'}. */`,
    `export interface ${kind} extends KubeObject {`,
    ...members.map(
      ([key, member]) => `  ${memberOf(key, { type: typeOf(member, '  '), isThere: schema.required?.includes(key) === true })}`,
    ),
    '}',
    '',
    `export const ${constantName(kind, plural)}: Resource<${kind}> = {`,
    `  group: ${text(group)},`,
    `  version: ${text(version?.name)},`,
    `  kind: ${text(kind)},`,
    `  listKind: ${text(listKind)},`,
    `  plural: ${text(plural)},`,
    `  singular: ${text(singular)},`,
    `  shortNames: ${text(shortNames)},`,
    `  categories: ${text(categories)},`,
    `  isNamespaced: ${scope === 'Namespaced'},`,
    '};',
    '',
  );
}
writeFileSync('src/api/generated/definitions.ts', lines.join('\n'));

/** `volumeSnapshots` of VolumeSnapshot and volumesnapshots. */
function constantName(kind: string, plural: string): string {
  const lower = kind.toLowerCase();
  let shared = 0;
  while (shared < lower.length && lower[shared] === plural[shared]) shared += 1;
  return `${kind.slice(0, 1).toLowerCase()}${kind.slice(1, shared)}${plural.slice(shared)}`;
}
