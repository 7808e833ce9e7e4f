import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withAddedFields } from '#api/schema/additions.ts';
import { isRecord, trusted } from '#kit/json.ts';

/** Writes `src/api/generated/kubernetes.ts`: a readonly interface per definition of `src/api/facts/kubernetes.json`, with the fields that Stowage adds. */
interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly kind: string }[];
}

const facts = trusted<{ definitions: Record<string, Schema> }>(JSON.parse(readFileSync('src/api/facts/kubernetes.json', 'utf8')));
const definitions: Record<string, Schema> = withAddedFields(facts.definitions);
const names = new Map<string, string>();
const SCALARS: Record<string, string> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': 'ObjectMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta': 'ListMeta',
};

// why: most definitions are known by their last part; where two groups use one name, the later gets its group in front
for (const full of Object.keys(definitions)) {
  const short = full.split('.').at(-1) ?? full;
  const group = full.split('.').at(-3) ?? '';
  names.set(full, [...names.values()].includes(short) ? `${group.charAt(0).toUpperCase()}${group.slice(1)}${short}` : short);
}

const typeOf = (schema: Schema): string => {
  if (schema.$ref !== undefined) return names.get(schema.$ref.replace('#/definitions/', '')) ?? 'unknown';
  if (schema.format === 'int-or-string') return 'string | number';
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return isRecord(schema.additionalProperties)
        ? `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`
        : 'Readonly<Record<string, unknown>>';
    default:
      return 'unknown';
  }
};

const lines = [
  '// Made by `npm run generate` from src/api/facts/kubernetes.json. Do not edit.',
  "import type { ListMeta, ObjectMeta } from '../meta/object.ts';",
  '',
];
for (const [full, schema] of Object.entries(definitions).sort(([a], [b]) => (names.get(a) ?? a).localeCompare(names.get(b) ?? b))) {
  if (SCALARS[full] !== undefined) continue;
  const name = names.get(full) ?? full;
  if (schema.properties === undefined) {
    lines.push(`export type ${name} = ${typeOf(schema)};`, '');
    continue;
  }
  const isKind = schema['x-kubernetes-group-version-kind'] !== undefined && schema.properties['metadata'] !== undefined;
  // why: the server fills these for every stored object of a kind, so readers need not ask
  const always = new Set([...(schema.required ?? []), ...(isKind ? ['apiVersion', 'kind', 'metadata', 'spec', 'items'] : [])]);
  lines.push(`export interface ${name} {`);
  for (const [key, property] of Object.entries(schema.properties).sort(([a], [b]) => a.localeCompare(b))) {
    const quoted = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    lines.push(always.has(key) ? `  readonly ${quoted}: ${typeOf(property)};` : `  readonly ${quoted}?: ${typeOf(property)} | undefined;`);
  }
  lines.push('}', '');
}
mkdirSync('src/api/generated', { recursive: true });
writeFileSync('src/api/generated/kubernetes.ts', lines.join('\n'));
