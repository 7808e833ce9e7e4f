import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { trusted } from '#kit/json.ts';
import { camelCase, methodName, type ProtoFacts, STREAM } from '#protocols/protobuf/proto-facts.ts';

/** Writes `generated/messages.ts` of each protocol: types of its messages and services, from its table of facts. */
const PROTOCOLS = [
  { folder: 'src/protocols/csi', table: 'csi', what: 'CSI 1.13', call: '../call.ts' },
  { folder: 'src/protocols/snapshot-metadata', table: 'snapshot-metadata', what: 'KEP-3314', call: '../../csi/call.ts' },
] as const;

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

const TIMESTAMP = [
  '/** Seconds and nanoseconds since the Unix epoch. */',
  'export interface Timestamp {',
  '  readonly seconds: bigint;',
  '  readonly nanos: number;',
  '}',
  '',
];

for (const { folder, table, what, call } of PROTOCOLS) {
  const source = `${folder}/facts/${table}.json`;
  const facts = trusted<ProtoFacts>(JSON.parse(readFileSync(source, 'utf8')));
  mkdirSync(`${folder}/generated`, { recursive: true });
  writeFileSync(`${folder}/generated/messages.ts`, textOf(facts, { origin: `from ${source} (${what})`, call }));
}

function textOf(facts: ProtoFacts, { origin, call }: { readonly origin: string; readonly call: string }): string {
  const usesTime = Object.values(facts.messages).some((fields) => fields.some(([, , type]) => SCALARS[type] === 'Timestamp'));
  return [
    `// Made by \`npm run generate\` ${origin}. Do not edit.`,
    `import type { CallContext } from '${call}';`,
    '',
    ...(usesTime ? TIMESTAMP : []),
    ...enumsOf(facts),
    ...messagesOf(facts),
    ...servicesOf(facts),
  ].join('\n');
}

function enumsOf(facts: ProtoFacts): readonly string[] {
  return Object.entries(facts.enums).flatMap(([name, values]) => {
    const names = Object.keys(values).map((value) => `'${value}'`);
    return [`export type ${flat(name)} = ${names.join(' | ')};`, ''];
  });
}

function messagesOf(facts: ProtoFacts): readonly string[] {
  return Object.entries(facts.messages).flatMap(([name, fields]) => {
    if (fields.length === 0) return [`export type ${flat(name)} = Readonly<Record<string, never>>;`, ''];
    const members = fields.map(([field, , type, label]) => {
      const inner = typeOf(facts, type, name);
      return `  readonly ${camelCase(field)}?: ${label === 'repeated' ? `readonly ${inner}[]` : inner} | undefined;`;
    });
    return [`export interface ${flat(name)} {`, ...members, '}', ''];
  });
}

function servicesOf(facts: ProtoFacts): readonly string[] {
  return Object.entries(facts.services).flatMap(([service, methods]) => {
    const members = Object.entries(methods).map(([method, [request, response]]) => {
      const answer = response.startsWith(STREAM) ? `AsyncIterable<${flat(response.slice(STREAM.length))}>` : `Promise<${flat(response)}>`;
      return `  ${methodName(method)}(request: ${flat(request)}, call: CallContext): ${answer};`;
    });
    return [`export interface ${service}Service {`, ...members, '}', ''];
  });
}

function typeOf({ messages, enums }: ProtoFacts, type: string, scope: string): string {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return scalar;
  // why: protobuf looks a name up from the innermost message outwards
  for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
    const full = outer === '' ? type : `${outer}.${type}`;
    if (messages[full] !== undefined || enums[full] !== undefined) return flat(full);
    if (outer === '') throw new TypeError(`no type ${type} in ${scope}`);
  }
}
