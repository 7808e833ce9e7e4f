import type protobuf from 'protobufjs';
import { findDefinition } from '#api/schema/definitions.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';
import { isPointerField, isValueField } from './pointer-fields.ts';

/** Fields whose message Go inlines: its members stand beside the others in JSON. */
const INLINED: ReadonlySet<string> = new Set([
  'volumeSource',
  'persistentVolumeSource',
  'handler',
  'ephemeralContainerCommon',
  'localObjectReference',
  'ingressRuleValue',
]);
/** The same, for fields whose name other messages use otherwise. */
const INLINED_OF: ReadonlySet<string> = new Set(['RuleWithOperations.rule', 'NamedRuleWithOperations.ruleWithOperations']);

/** Messages that are no object in JSON; undefined = not set. */
const SPECIAL: ReadonlyMap<string, (message: object) => unknown> = new Map<string, (message: object) => unknown>([
  ['Quantity', (message) => member(message, 'string') ?? '0'],
  [
    'IntOrString',
    (message) => (Number(member(message, 'type') ?? 0) === 0 ? Number(member(message, 'intVal') ?? 0) : (member(message, 'strVal') ?? '')),
  ],
  ['Time', (message) => readTime(message, 0)],
  ['MicroTime', (message) => readTime(message, 6)],
  ['FieldsV1', (message) => readJson(member(message, 'Raw'))],
  ['RawExtension', (message) => readJson(member(message, 'raw'))],
  ['ExtraValue', (message) => member(message, 'items') ?? []],
]);

/** The JSON form of a decoded message, without what Go writes though nobody set it. */
export function messageToJson(type: protobuf.Type, message: object): Record<string, unknown> {
  const required = new Set(findDefinition(definitionNameOf(type))?.required);
  const entries: [string, unknown][] = [];
  for (const field of type.fieldsArray) {
    const value = member(message, field.name);
    if (value === undefined || value === null) continue;
    const converted = convertField(field, value);
    if (isRecord(converted) && isInlined(type, field)) entries.push(...Object.entries(converted));
    else if (required.has(field.name) && !field.map && !field.repeated ? converted !== undefined : isMeant(type, field, converted))
      entries.push([field.name, converted]);
  }
  return Object.fromEntries(entries);
}

function isInlined(type: protobuf.Type, field: protobuf.Field): boolean {
  return field.resolvedType !== null && (INLINED.has(field.name) || INLINED_OF.has(`${type.name}.${field.name}`));
}

function definitionNameOf(type: protobuf.Type): string {
  // why: `.k8s.io.api.core.v1.Pod` is `io.k8s.api.core.v1.Pod` in OpenAPI
  return type.fullName.replace(/^\.k8s\.io\./, 'io.k8s.');
}

function isMeant(type: protobuf.Type, field: protobuf.Field, value: unknown): boolean {
  if (value === undefined) return false;
  // why: an empty list or map is not on the wire, protobufjs adds it
  if (field.map || field.repeated) return Object.keys(Object(value)).length > 0;
  if (isRecord(value) && Object.keys(value).length === 0) return !isValueField(type.name, field.name);
  const isZero = value === '' || value === 0 || value === false;
  return !isZero || isPointerField(type.name, field.name) || isRealZero(field);
}

/** An IntOrString of 0 was written on purpose: it is a message of its own. */
function isRealZero(field: protobuf.Field): boolean {
  return field.resolvedType?.name === 'IntOrString' || field.resolvedType?.name === 'Quantity';
}

function convertField(field: protobuf.Field, value: unknown): unknown {
  if (field.map) {
    return Object.fromEntries(Object.entries(Object(value)).map(([key, item]) => [key, convertValue(field, item)]));
  }
  return Array.isArray(value) ? value.map((item) => convertValue(field, item)) : convertValue(field, value);
}

function convertValue(field: protobuf.Field, value: unknown): unknown {
  const type = field.resolvedType;
  if (type !== null && 'fieldsArray' in type && typeof value === 'object' && value !== null) {
    const special = SPECIAL.get(type.name);
    return special === undefined ? messageToJson(type, value) : special(value);
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  // why: 64-bit numbers come as objects with two halves; none of the API's is near 2^53
  return typeof value === 'object' && value !== null ? Number(value) : value;
}

/** An own member of a decoded message: what was not on the wire is only on the prototype. */
function member(message: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(message, name)?.value;
}

function readTime(message: object, fractionDigits: 0 | 6): string | undefined {
  const seconds = Number(member(message, 'seconds') ?? 0);
  const nanos = Number(member(message, 'nanos') ?? 0);
  // why: Go's unset time is written as an empty message
  if (seconds === 0 && nanos === 0) return undefined;
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return undefined;
  const fraction = fractionDigits === 0 ? '' : `.${String(Math.floor(nanos / 1000)).padStart(6, '0')}`;
  return `${date.toISOString().slice(0, 19)}${fraction}Z`;
}

function readJson(raw: unknown): unknown {
  return raw instanceof Uint8Array && raw.length > 0 ? parseExactJson(Buffer.from(raw).toString('utf8')) : undefined;
}
