import type { Type } from '../check/types.ts';
import { celEquals } from '../values/equality.ts';
import { type CelValue, isList, isMap, MessageValue, type OpaqueValue } from '../values/value.ts';

type Fields = ReadonlyMap<string, CelValue>;

/** A part of an object, with the fields that a mutation sets. */
export class ObjectValue extends MessageValue {
  readonly type: Type;
  readonly fields: Fields;

  constructor(type: Type, fields: Fields) {
    super();
    this.type = type;
    this.fields = fields;
  }

  get isZero(): boolean {
    return this.fields.size === 0;
  }

  has(field: string): boolean {
    return this.fields.has(field);
  }

  get(field: string): CelValue {
    return this.fields.get(field) ?? null;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof ObjectValue && sameFields(this.fields, other.fields);
  }
}

/** An operation of a JSON patch. */
export class JsonPatchValue extends MessageValue {
  readonly type: Type;
  readonly isZero = false;
  readonly #fields: Fields;

  constructor(type: Type, fields: Fields) {
    super();
    this.type = type;
    this.#fields = fields;
  }

  /** Undefined where it has none. */
  get value(): CelValue | undefined {
    return this.#fields.get('value');
  }

  /** The empty text where it was not set. */
  textOf(field: 'op' | 'path' | 'from'): string {
    const text = this.#fields.get(field);
    return typeof text === 'string' ? text : '';
  }

  has(field: string): boolean {
    const value = this.#fields.get(field);
    return value !== undefined && (field === 'value' || value !== '');
  }

  get(field: string): CelValue {
    return this.#fields.get(field) ?? (field === 'value' ? null : '');
  }

  equals(other: OpaqueValue): boolean {
    if (!(other instanceof JsonPatchValue)) return false;
    const isSame = (['op', 'path', 'from'] as const).every((field) => this.textOf(field) === other.textOf(field));
    const [a, b] = [this.value, other.value];
    return isSame && (a === undefined || b === undefined ? a === b : celEquals(a, b));
  }
}

function sameFields(a: Fields, b: Fields): boolean {
  return (
    a.size === b.size &&
    [...a].every(([name, value]) => {
      const other = b.get(name);
      return other !== undefined && celEquals(value, other);
    })
  );
}

/**
 * Parts that stand in a field of another name than their type says, in upstream's words: `Object.spec{selector: Object.spec.wrong{}}`.
 * Lists and maps between a field and its parts have no name (apiserver pkg/cel/mutation/dynamic `CheckTypeNamesMatchFieldPathNames`).
 */
export function misplacedParts(root: ObjectValue): readonly string[] {
  const faults: string[] = [];
  const look = (value: CelValue, path: string): void => {
    if (isList(value)) for (const item of value) look(item, path);
    if (isMap(value)) for (const item of value.values()) look(item, path);
    if (!(value instanceof ObjectValue)) return;
    const { name } = value.type;
    if (name !== path)
      faults.push(
        `unexpected type name ${JSON.stringify(name)}, expected ${JSON.stringify(path)}, which matches field name path from root Object type`,
      );
    for (const [field, inner] of value.fields) look(inner, `${path}.${field}`);
  };
  look(root, root.type.name);
  return faults;
}
