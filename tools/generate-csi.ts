import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { trusted } from '#kit/json.ts';

/** Writes `src/protocols/csi/generated/messages.ts`: types of the CSI messages and services from `src/protocols/csi/facts/csi.json`. */
interface Facts {
  readonly messages: Record<string, readonly (readonly [name: string, number: number, type: string, label: string, oneof?: string])[]>;
  readonly enums: Record<string, Record<string, number>>;
  readonly services: Record<string, Record<string, readonly [request: string, response: string]>>;
}

const facts = trusted<Facts>(JSON.parse(readFileSync('src/protocols/csi/facts/csi.json', 'utf8')));
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const flat = (name: string): string => name.replaceAll('.', '');
const SCALARS: Record<string, string> = {
  string: 'string',
  bool: 'boolean',
  int32: 'number',
  int64: 'bigint',
  'map<string,string>': 'Readonly<Record<string, string>>',
  '.google.protobuf.BoolValue': 'boolean',
  'google.protobuf.Int64Value': 'bigint',
  '.google.protobuf.Timestamp': 'Timestamp',
};

function typeOf(type: string, scope: string): string {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  // why: protobuf looks a name up from the innermost message outwards
  for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
    const full = outer === '' ? type : `${outer}.${type}`;
    if (facts.messages[full] !== undefined || facts.enums[full] !== undefined) return flat(full);
    if (outer === '') throw new TypeError(`no type ${type} in ${scope}`);
  }
}

const lines = [
  '// Made by `npm run generate` from src/protocols/csi/facts/csi.json (CSI 1.13). Do not edit.',
  "import type { CallContext } from '../call.ts';",
  '',
  '/** Seconds and nanoseconds since the Unix epoch. */',
  'export interface Timestamp {',
  '  readonly seconds: bigint;',
  '  readonly nanos: number;',
  '}',
  '',
];
for (const [name, values] of Object.entries(facts.enums)) {
  lines.push(
    `export type ${flat(name)} = ${Object.keys(values)
      .map((value) => `'${value}'`)
      .join(' | ')};`,
    '',
  );
}
for (const [name, fields] of Object.entries(facts.messages)) {
  if (fields.length === 0) {
    lines.push(`export type ${flat(name)} = Readonly<Record<string, never>>;`, '');
    continue;
  }
  lines.push(`export interface ${flat(name)} {`);
  for (const [field, , type, label] of fields) {
    const inner = typeOf(type, name);
    lines.push(`  readonly ${camel(field)}?: ${label === 'repeated' ? `readonly ${inner}[]` : inner} | undefined;`);
  }
  lines.push('}', '');
}
/** Stands before a response that comes as a stream of messages. */
const STREAM = 'stream ';
for (const [service, methods] of Object.entries(facts.services)) {
  lines.push(`export interface ${service}Service {`);
  for (const [method, [request, response]] of Object.entries(methods)) {
    const answer = response.startsWith(STREAM) ? `AsyncIterable<${flat(response.slice(STREAM.length))}>` : `Promise<${flat(response)}>`;
    lines.push(`  ${method.charAt(0).toLowerCase()}${method.slice(1)}(request: ${flat(request)}, call: CallContext): ${answer};`);
  }
  lines.push('}', '');
}
mkdirSync('src/protocols/csi/generated', { recursive: true });
writeFileSync('src/protocols/csi/generated/messages.ts', lines.join('\n'));
