/** What kind of value an expression has (cel-go common/types/types.go). */
export interface Type {
  readonly kind: 'simple' | 'list' | 'map' | 'object' | 'opaque' | 'type' | 'param' | 'dyn' | 'null' | 'error';
  readonly name: string;
  /** Of the items; of key and value; of what an opaque type holds. */
  readonly params: readonly Type[];
  /** Of an object, by the name that expressions use. */
  readonly fields?: Fields;
}

/** Finds the type of a field; undefined where there is no such field. */
export type Fields = Pick<ReadonlyMap<string, Type>, 'get'>;

function simple(name: string): Type {
  return { kind: 'simple', name, params: [] };
}

export const INT: Type = simple('int');
export const UINT: Type = simple('uint');
export const DOUBLE: Type = simple('double');
export const BOOL: Type = simple('bool');
export const STRING: Type = simple('string');
export const BYTES: Type = simple('bytes');
export const TIMESTAMP: Type = simple('google.protobuf.Timestamp');
export const DURATION: Type = simple('google.protobuf.Duration');
export const NULL: Type = { kind: 'null', name: 'null_type', params: [] };
export const DYN: Type = { kind: 'dyn', name: 'dyn', params: [] };
/** Of what is wrong already: nothing more is said of it. */
export const ERROR: Type = { kind: 'error', name: '*error*', params: [] };

export function listType(item: Type): Type {
  return { kind: 'list', name: 'list', params: [item] };
}

export function mapType(key: Type, value: Type): Type {
  return { kind: 'map', name: 'map', params: [key, value] };
}

export function optionalType(of: Type): Type {
  return opaqueType('optional_type', [of]);
}

export function opaqueType(name: string, params: readonly Type[] = []): Type {
  return { kind: 'opaque', name, params };
}

export function typeType(of?: Type): Type {
  return { kind: 'type', name: 'type', params: of === undefined ? [] : [of] };
}

/** Stands for any type, the same one in all places of a function. */
export function paramType(name: string): Type {
  return { kind: 'param', name, params: [] };
}

/** An object with these fields and no others. */
export function objectType(name: string, fields: Fields): Type {
  return { kind: 'object', name, params: [], fields };
}

export function isOptional({ kind, name }: Type): boolean {
  return kind === 'opaque' && name === 'optional_type';
}

/** As messages name it, for example `list(string)`. */
export function formatType(type: Type): string {
  const { name, kind, params } = type;
  if (kind === 'null') return 'null';
  if (kind === 'error') return '!error!';
  const shown = SHOWN.get(name) ?? name;
  return params.length === 0 ? shown : `${shown}(${params.map(formatType).join(', ')})`;
}

const SHOWN: ReadonlyMap<string, string> = new Map([
  ['google.protobuf.Timestamp', 'timestamp'],
  ['google.protobuf.Duration', 'duration'],
]);
