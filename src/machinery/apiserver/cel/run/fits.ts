import { isOptional, type Type } from '../check/types.ts';
import {
  type CelValue,
  Duration,
  isList,
  isMap,
  MessageValue,
  OpaqueValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
} from '../values/value.ts';

const SIMPLE: ReadonlyMap<string, (value: CelValue) => boolean> = new Map<string, (value: CelValue) => boolean>([
  ['int', (value) => typeof value === 'bigint'],
  ['uint', (value) => value instanceof Uint],
  ['double', (value) => typeof value === 'number'],
  ['bool', (value) => typeof value === 'boolean'],
  ['string', (value) => typeof value === 'string'],
  ['bytes', (value) => value instanceof Uint8Array],
  ['google.protobuf.Timestamp', (value) => value instanceof Timestamp],
  ['google.protobuf.Duration', (value) => value instanceof Duration],
]);

/** How each kind of type is told. */
const KINDS: Readonly<Record<Type['kind'], (type: Type, value: CelValue) => boolean>> = {
  dyn: () => true,
  param: () => true,
  simple: ({ name }, value) => SIMPLE.get(name)?.(value) ?? false,
  null: (_type, value) => value === null,
  list: ({ params }, value) => isList(value) && fitsFirst(params[0], value[0]),
  map: (_type, value) => isMap(value),
  object: (_type, value) => isMap(value) || value instanceof MessageValue,
  type: (_type, value) => value instanceof TypeValue,
  opaque: fitsOpaque,
  error: () => false,
};

/** True where a value is of a type, as far as its first item shows. */
export function fits(type: Type, value: CelValue): boolean {
  return KINDS[type.kind](type, value);
}

function fitsFirst(type: Type | undefined, first: CelValue | undefined): boolean {
  return type === undefined || first === undefined || fits(type, first);
}

function fitsOpaque(type: Type, value: CelValue): boolean {
  if (isOptional(type)) return value instanceof Optional && fitsFirst(type.params[0], value.value);
  return value instanceof OpaqueValue && value.type.name === type.name;
}
