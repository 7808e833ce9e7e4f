import protobuf from 'protobufjs/light.js';
import { isRecord } from '#kit/json.ts';
import { camelCase, type FieldRow, type ProtoFacts } from './proto-facts.ts';

/** Turns one message into bytes and back. */
export interface MessageCodec {
  readonly encode: (value: unknown) => Buffer;
  readonly decode: (bytes: Uint8Array) => unknown;
}

/** Messages of protobuf that stand for one nullable scalar (google/protobuf/wrappers.proto). */
const WRAPPERS: ReadonlySet<string> = new Set(['.google.protobuf.BoolValue', '.google.protobuf.Int64Value']);

/**
 * The codecs of the messages of a package, by their names, for example `CreateVolumeRequest`. In values enums are their names, int64 is bigint, wrappers are bare;
 * an absent field, an empty list and an empty map are all absent. A number that the enum does not have becomes its decimal text and back,
 * so that a newer driver's capabilities do not break an older caller (csi.proto: "unknown values MUST be ignored").
 * @throws TypeError where a value does not have the message's shape
 */
export function createCodecs(facts: ProtoFacts): (message: string) => MessageCodec {
  const root = buildRoot(facts);
  return (message) => {
    const type = root.lookupType(`${facts.package}.${message}`);
    return {
      encode: (value) => Buffer.from(type.encode(toWire(type, value)).finish()),
      decode: (bytes) => fromWire(type, type.decode(bytes)),
    };
  };
}

function buildRoot(facts: ProtoFacts): protobuf.Root {
  const built = new protobuf.Root();
  const google = built.define('google.protobuf');
  google.add(new protobuf.Type('BoolValue').add(new protobuf.Field('value', 1, 'bool')));
  google.add(new protobuf.Type('Int64Value').add(new protobuf.Field('value', 1, 'int64')));
  google.add(new protobuf.Type('Timestamp').add(new protobuf.Field('seconds', 1, 'int64')).add(new protobuf.Field('nanos', 2, 'int32')));
  const scope = built.define(facts.package);
  // why: a nested message needs its outer one first; outer names are shorter
  const messages = Object.entries(facts.messages).sort(([a], [b]) => a.split('.').length - b.split('.').length);
  for (const [name, fields] of messages) parentOf(scope, name).add(buildType(lastPart(name), fields));
  for (const [name, values] of Object.entries(facts.enums)) parentOf(scope, name).add(new protobuf.Enum(lastPart(name), { ...values }));
  built.resolveAll();
  return built;
}

function buildType(name: string, fields: readonly FieldRow[]): protobuf.Type {
  const type = new protobuf.Type(name);
  for (const [field, number, fieldType, label] of fields) {
    const key = camelCase(field);
    if (fieldType === 'map<string,string>') type.add(new protobuf.MapField(key, number, 'string', 'string'));
    else type.add(new protobuf.Field(key, number, fieldType, label === 'repeated' ? 'repeated' : undefined));
  }
  return type;
}

function parentOf(scope: protobuf.Namespace, name: string): protobuf.NamespaceBase {
  const outer = name.split('.').slice(0, -1);
  return outer.length === 0 ? scope : scope.lookupType(outer);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function toWire(type: protobuf.Type, value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new TypeError(`${type.name} must be an object`);
  const wire: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    const inner = value[field.name];
    if (inner === undefined) continue;
    if (field.map) wire[field.name] = inner;
    else if (field.repeated) wire[field.name] = asArray(field, inner).map((item) => scalarToWire(field, item));
    else wire[field.name] = scalarToWire(field, inner);
  }
  return wire;
}

function scalarToWire(field: protobuf.Field, value: unknown): unknown {
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) return enumToWire(type, value);
  if (type instanceof protobuf.Type) return toWire(type, WRAPPERS.has(type.fullName) ? { value } : value);
  if (field.type !== 'int64') return value;
  if (typeof value !== 'bigint') throw new TypeError(`${field.name} must be a bigint`);
  // why: cut to 64 bits it would be another number, 16Ei for example 0, which is "not set"
  if (value !== BigInt.asIntN(64, value)) throw new TypeError(`${field.name} must fit into 64 bits, ${value} does not`);
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false };
}

function enumToWire(type: protobuf.Enum, value: unknown): number {
  const known = type.values[String(value)];
  if (known !== undefined) return known;
  const number = Number(value);
  if (!Number.isInteger(number)) throw new TypeError(`${type.name} has no value ${String(value)}`);
  return number;
}

function fromWire(type: protobuf.Type, wire: unknown): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  if (!isRecord(wire)) return value;
  for (const field of type.fieldsArray) {
    if (!Object.hasOwn(wire, field.name)) continue;
    const inner = wire[field.name];
    if (field.map) {
      if (isRecord(inner) && Object.keys(inner).length > 0) value[field.name] = { ...inner };
    } else if (field.repeated) {
      const items = asArray(field, inner);
      if (items.length > 0) value[field.name] = items.map((item) => scalarFromWire(field, item));
    } else value[field.name] = scalarFromWire(field, inner);
  }
  return value;
}

function scalarFromWire(field: protobuf.Field, wire: unknown): unknown {
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) return type.valuesById[Number(wire)] ?? String(wire);
  if (type instanceof protobuf.Type) return WRAPPERS.has(type.fullName) ? unwrap(type, wire) : fromWire(type, wire);
  // why: 64 bits arrive as a Long, whose text is exact
  return field.type === 'int64' ? BigInt(String(wire)) : wire;
}

function unwrap(type: protobuf.Type, wire: unknown): unknown {
  const { value } = fromWire(type, wire);
  // why: inside a wrapper an absent value is the scalar's zero (wrappers.proto)
  return value ?? (type.name === 'BoolValue' ? false : 0n);
}

function asArray(field: protobuf.Field, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${field.name} must be an array`);
  return value;
}
