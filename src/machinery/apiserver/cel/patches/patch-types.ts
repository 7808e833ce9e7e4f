import { DYN, objectType, STRING, type Type } from '../check/types.ts';
import { CelError, type CelValue, type MessageType, typeNameOf } from '../values/value.ts';
import { JsonPatchValue, ObjectValue } from './patch-values.ts';

const ROOT = 'Object';
const OPERATION = 'JSONPatch';
const TEXTS = ['op', 'path', 'from'] as const;

/** What a part of an object is; nobody knows its fields, so each may be anything (apiserver pkg/cel/mutation/dynamic). */
function partOf(name: string): Type {
  return objectType(name, { get: () => DYN });
}

/** What a mutation that applies a configuration yields. */
export const OBJECT_TYPE = partOf(ROOT);
/** What a mutation that patches yields a list of (apiserver pkg/cel/mutation/jsonpatch.go). */
export const JSON_PATCH_TYPE = objectType(
  OPERATION,
  new Map<string, Type>([...TEXTS.map((name) => [name, STRING] as const), ['value', DYN]]),
);

const JSON_PATCH: MessageType = {
  type: JSON_PATCH_TYPE,
  make: (fields) => {
    for (const name of TEXTS) {
      const given = fields.get(name) ?? '';
      if (typeof given !== 'string') return new CelError(`unexpected type ${goTypeOf(given)} for JSONPatchType '${name}' field`);
    }
    return new JsonPatchValue(JSON_PATCH_TYPE, fields);
  },
};

/** The types of which mutations make objects: `Object`, `Object.spec` and so on by the path of the field, and `JSONPatch`. */
export function patchMessage(name: string): MessageType | undefined {
  if (name === OPERATION) return JSON_PATCH;
  if (name !== ROOT && !name.startsWith(`${ROOT}.`)) return undefined;
  const type = name === ROOT ? OBJECT_TYPE : partOf(name);
  return { type, make: (fields) => new ObjectValue(type, fields) };
}

/** As upstream's messages name it. */
function goTypeOf(value: CelValue): string {
  const name = typeNameOf(value);
  return GO_TYPES.get(name) ?? name;
}

const GO_TYPES: ReadonlyMap<string, string> = new Map([
  ['int', 'int64'],
  ['uint', 'uint64'],
  ['double', 'float64'],
  ['bytes', '[]uint8'],
]);
