import type { Type } from '../check/types.ts';

/** Why something has no value; goes through an evaluation as a value, so that `||` and `&&` may ignore it. */
export class CelError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** An unsigned number of 64 bits. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time, in nanoseconds since the Unix epoch. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A span of time, in nanoseconds. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A value that may be none. */
export class Optional {
  /** Undefined = none. */
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A type as a value (`type(x)`). */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A map or an object; keys are texts, bools, and whole numbers as bigint. */
export type CelMap = ReadonlyMap<CelValue, CelValue>;

/**
 * What an expression works on: int is bigint, double is number, bytes are Uint8Array.
 * Lists whose items are a set or a map by the schema are known to `lists.ts`.
 */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | Uint
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | CelError
  | OpaqueValue
  | readonly CelValue[]
  | CelMap;

/** A value of a library, such as a quantity: only functions look into it. */
export abstract class OpaqueValue {
  abstract readonly type: Type;
  /** What an expression that asks for its size pays. */
  readonly size: number = 1;
  /** True where `other` is the same. */
  abstract equals(other: OpaqueValue): boolean;
}

/** An object that an expression made, of a type that it named: `Name{field: value}`. */
export abstract class MessageValue extends OpaqueValue {
  /** True where it is the same as one without fields. */
  abstract readonly isZero: boolean;
  /** True where a field was set. */
  abstract has(field: string): boolean;
  /** A field's value, or what one that was not set has. */
  abstract get(field: string): CelValue;
}

/** A type of which expressions make objects. */
export interface MessageType {
  readonly type: Type;
  /** An object with these fields, or why there is none. */
  make(fields: ReadonlyMap<string, CelValue>): MessageValue | CelError;
}

/** An unsigned number. */
export function uintOf(value: bigint): Uint {
  return new Uint(value);
}

/** True for a list. */
export function isList(value: CelValue): value is readonly CelValue[] {
  return Array.isArray(value);
}

/** True for a map or an object. */
export function isMap(value: CelValue): value is CelMap {
  return value instanceof Map;
}

/** A key as maps hold it: numbers of all types that are the same number are the same key. Undefined for what is no key. */
export function keyOf(value: CelValue): CelValue | undefined {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** A key as messages show it. */
export function keyText(key: CelValue | undefined): string {
  return typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean' ? String(key) : 'of an unsupported type';
}

/** What a value's type is called. */
export function typeNameOf(value: CelValue): string {
  if (value === null) return 'null_type';
  const simple = PRIMITIVES.get(typeof value);
  if (simple !== undefined) return simple;
  if (Array.isArray(value)) return 'list';
  if (value instanceof OpaqueValue) return value.type.name;
  return CLASSES.find(([of]) => value instanceof of)?.[1] ?? 'error';
}

const PRIMITIVES: ReadonlyMap<string, string> = new Map([
  ['boolean', 'bool'],
  ['bigint', 'int'],
  ['number', 'double'],
  ['string', 'string'],
]);
const CLASSES = [
  [Map, 'map'],
  [Uint8Array, 'bytes'],
  [Uint, 'uint'],
  [Timestamp, 'google.protobuf.Timestamp'],
  [Duration, 'google.protobuf.Duration'],
  [Optional, 'optional_type'],
  [TypeValue, 'type'],
] as const;

/** How large a value is: characters, bytes, items; 1 for all others (cel-go interpreter/runtimecost.go). */
export function sizeOf(value: CelValue): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  if (value instanceof Map) return value.size;
  if (value instanceof Optional && value.value !== undefined) return sizeOf(value.value);
  return value instanceof OpaqueValue ? value.size : 1;
}
