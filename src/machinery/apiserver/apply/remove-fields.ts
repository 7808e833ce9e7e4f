import type { Schema } from '#api/schema/definitions.ts';
import { isRecord } from '#kit/json.ts';
import type { FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import { shapeOf } from './shape.ts';

/**
 * `value` without the fields of `set`; undefined where nothing is left of it. The value stays as it is.
 * A struct or an item goes with all that is in it. A map or a list goes only when it is empty: its other keys and items are somebody else's
 * (unlike upstream, where everybody's keys have an owner; docs/decisions/0006).
 */
export function removeFields(schema: Schema | undefined, value: unknown, set: FieldSet): unknown {
  if (set.size === 0) return value;
  const shape = shapeOf(schema, value);
  if (shape.type === 'members' && isRecord(value)) {
    const kept = Object.entries(value).flatMap(([key, member]) => {
      const left = removeAt(set, fieldElement(key), { schema: shape.schemaOf(key), value: member });
      return left === undefined ? [] : [[key, left] as const];
    });
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  }
  if (shape.type === 'items' && Array.isArray(value)) {
    const kept = value.flatMap((item: unknown) => {
      const left = removeAt(set, shape.elementOf(item), { schema: shape.item, value: item });
      return left === undefined ? [] : [left];
    });
    return kept.length === 0 ? undefined : kept;
  }
  return value;
}

interface Place {
  readonly schema: Schema | undefined;
  readonly value: unknown;
}

function removeAt(set: FieldSet, element: string | undefined, { schema, value }: Place): unknown {
  const node = element === undefined ? undefined : set.get(element);
  if (node === undefined) return value;
  return node.isMember && !isCollection(schema, value) ? undefined : removeFields(schema, value, node.below);
}

function isCollection(schema: Schema | undefined, value: unknown): boolean {
  const shape = shapeOf(schema, value);
  if (shape.type === 'members') return shape.isMap && isRecord(value) && Object.keys(value).length > 0;
  return shape.type === 'items' && Array.isArray(value) && value.length > 0;
}
