import type { Schema } from '#api/schema/definitions.ts';
import { memberSchema, resolveReference } from '#api/schema/definitions.ts';
import { isRecord } from '#kit/json.ts';
import { type FieldNode, type FieldSet, LEAF, NO_FIELDS } from './field-set.ts';
import { fieldElement, fieldNameOf } from './path-element.ts';
import { indexItems, type Items, type Members, shapeOf } from './shape.ts';
import { isValueField } from './value-fields.ts';

/** Every field that an object sets (structured-merge-diff `ToFieldSet`). */
export function fieldsOf(schema: Schema, object: unknown): FieldSet {
  return nodeOf(schema, object).below;
}

function nodeOf(schema: Schema | undefined, value: unknown): FieldNode {
  const shape = shapeOf(schema, value);
  if (shape.type === 'members' && isRecord(value)) return { isMember: false, below: fieldsOfMembers(shape, value) };
  if (shape.type === 'items' && Array.isArray(value)) return nodeOfItems(shape, value);
  return LEAF;
}

function fieldsOfMembers(shape: Members, value: Record<string, unknown>): FieldSet {
  const below = new Map<string, FieldNode>();
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const node = nodeOf(shape.schemaOf(key), member);
    const isEmptyObject = isRecord(member) && Object.keys(member).length === 0;
    const isMember = node.isMember || !shape.isNamed(key) || isEmptyObject;
    if (isMember || node.below.size > 0) below.set(fieldElement(key), { isMember, below: node.below });
  }
  return below;
}

function nodeOfItems(shape: Items, list: readonly unknown[]): FieldNode {
  const index = indexItems(shape, list);
  if (index === undefined) return LEAF;
  const below = new Map<string, FieldNode>();
  for (const [element, [item, ...more]] of index) {
    below.set(element, { isMember: true, below: more.length === 0 ? nodeOf(shape.item, item).below : NO_FIELDS });
  }
  return { isMember: false, below };
}

/**
 * `set` with every named field in it that has fields below it: who owns `spec.a.b` then owns `spec.a` too.
 * But for structs that Go has no pointer to (spec): they are always there.
 */
export function withNamedFields(schema: Schema | undefined, set: FieldSet): FieldSet {
  const resolved = schema === undefined ? {} : resolveReference(schema).schema;
  const result = new Map<string, FieldNode>();
  for (const [element, node] of set) {
    const name = fieldNameOf(element);
    const isNamed = name !== undefined && resolved.properties !== undefined && Object.hasOwn(resolved.properties, name);
    const isMember = node.isMember || (isNamed && !isValueField(name));
    const inner = name === undefined ? resolved.items : memberSchema(resolved, name);
    result.set(element, { isMember, below: withNamedFields(inner, node.below) });
  }
  return result;
}
