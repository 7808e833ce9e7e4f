import type protobuf from 'protobufjs';
import { parseExactJson, wholeNumber } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';
import { isMarked, jsonNameOf } from './message-types.ts';

/** Messages that are no object in JSON; undefined = not set. */
const SPECIAL: ReadonlyMap<string, (message: object, type: protobuf.Type) => unknown> = new Map<
  string,
  (message: object, type: protobuf.Type) => unknown
>([
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
  ['JSON', (message) => readJson(member(message, 'raw')) ?? null],
  ['JSONSchemaPropsOrArray', (message, type) => firstOf(type, message, ['jSONSchemas', 'schema']) ?? null],
  ['JSONSchemaPropsOrBool', (message, type) => firstOf(type, message, ['schema', 'allows']) ?? false],
  ['JSONSchemaPropsOrStringArray', (message, type) => firstOf(type, message, ['property', 'schema']) ?? null],
]);

/** The first of `names` that a message has, in its JSON form. */
function firstOf(type: protobuf.Type, message: object, names: readonly string[]): unknown {
  for (const name of names) {
    const [field, value] = [type.fields[name], member(message, name)];
    const isThere = Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
    if (field !== undefined && isThere) return convertField(field, value);
  }
  return undefined;
}

/** The JSON form of a decoded message, without what Go writes though nobody set it. */
export function messageToJson(type: protobuf.Type, message: object): Record<string, unknown> {
  const entries: [string, unknown][] = [];
  for (const field of type.fieldsArray) {
    const value = member(message, field.name);
    if (value === undefined || value === null) continue;
    const converted = convertField(field, value);
    if (isRecord(converted) && isMarked(field, 'i')) entries.push(...Object.entries(converted));
    else if (converted !== undefined && isMeant(field, converted)) entries.push([jsonNameOf(field), converted]);
  }
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(entries);
}

function isMeant(field: protobuf.Field, value: unknown): boolean {
  // why: an empty list or map is not on the wire, protobufjs adds it
  if (field.map || field.repeated) return Object.keys(Object(value)).length > 0;
  if (isMarked(field, 'p') || isMarked(field, 'r') || isRealZero(field)) return true;
  if (isRecord(value) && Object.keys(value).length === 0) return !isMarked(field, 'v');
  return value !== '' && value !== 0 && value !== false;
}

/** An IntOrString of 0 was written on purpose: it is a message of its own. */
function isRealZero(field: protobuf.Field): boolean {
  return field.resolvedType?.name === 'IntOrString' || field.resolvedType?.name === 'Quantity';
}

function convertField(field: protobuf.Field, value: unknown): unknown {
  if (field.map) {
    return Object.fromEntries(Object.entries(Object(value)).map(([key, item]) => [key, convertValue(field, item)]));
  }
  return field.repeated && Array.isArray(value) ? value.map((item) => convertValue(field, item)) : convertValue(field, value);
}

function convertValue(field: protobuf.Field, value: unknown): unknown {
  const type = field.resolvedType;
  if (type !== null && 'fieldsArray' in type && typeof value === 'object' && value !== null) {
    const special = SPECIAL.get(type.name);
    return special === undefined ? messageToJson(type, value) : special(value, type);
  }
  if (field.type === 'bytes') return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : '';
  return typeof value === 'object' && value !== null ? readLong(value) : value;
}

/** A 64-bit number, which comes as an object with two halves. */
function readLong(value: object): unknown {
  const [low, high] = [Number(member(value, 'low')), Number(member(value, 'high'))];
  return wholeNumber(String((BigInt(high) << 32n) | BigInt(low >>> 0)));
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
