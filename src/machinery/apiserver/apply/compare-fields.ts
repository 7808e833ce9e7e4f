import type { Schema } from '#api/schema/definitions.ts';
import { deepEqual, isRecord } from '#kit/json.ts';
import { type FieldNode, type FieldSet } from './field-set.ts';
import { fieldElement } from './path-element.ts';
import { indexItems, type Items, type Members, type Shape, shapeOf } from './shape.ts';
import { isValueField } from './value-fields.ts';

/** What became of a field. */
export type Change = 'added' | 'removed' | 'modified';

/** The fields that differ between two objects, as a tree of path elements. */
export type ChangeTree = ReadonlyMap<string, ChangeNode>;

interface ChangeNode {
  readonly change: Change | undefined;
  readonly below: ChangeTree;
}

const NOTHING: ChangeTree = new Map();
const EMPTY: Readonly<Record<string, unknown>> = {};

/** What `after` does to the fields of `before` (structured-merge-diff `Compare`). */
export function compareFields(schema: Schema, before: unknown, after: unknown): ChangeTree {
  return compare(schema, before, after)?.below ?? NOTHING;
}

/** The fields to which one of `changes` happened. */
export function changedFields(tree: ChangeTree, changes: readonly Change[]): FieldSet {
  const set = new Map<string, FieldNode>();
  for (const [element, node] of tree) {
    const below = changedFields(node.below, changes);
    const isMember = node.change !== undefined && changes.includes(node.change);
    if (isMember || below.size > 0) set.set(element, { isMember, below });
  }
  return set;
}

/** Undefined where nothing differs. */
function compare(schema: Schema | undefined, before: unknown, after: unknown): ChangeNode | undefined {
  if (Object.is(before, after)) return undefined;
  const shape = shapeOf(schema, after ?? before);
  const below = isEmpty(before) && isEmpty(after) ? undefined : compareBelow(shape, before, after);
  return below === undefined ? whole(before, after) : inner(before, after, below);
}

/** Undefined where the values are owned as a whole. */
function compareBelow(shape: Shape, before: unknown, after: unknown): ChangeTree | undefined {
  if (shape.type === 'members' && isMembers(before) && isMembers(after)) return compareMembers(shape, before, after);
  if (shape.type === 'items' && isItems(before) && isItems(after)) return compareItems(shape, before ?? [], after ?? []);
  return undefined;
}

/** A value that is owned as a whole. */
function whole(before: unknown, after: unknown): ChangeNode | undefined {
  if (before === undefined) return { change: 'added', below: NOTHING };
  if (after === undefined) return { change: 'removed', below: NOTHING };
  return deepEqual(before, after) ? undefined : { change: 'modified', below: NOTHING };
}

/** A value with fields below it: it is a change itself only where it came or went. */
function inner(before: unknown, after: unknown, below: ChangeTree): ChangeNode | undefined {
  if (before === undefined) return { change: 'added', below };
  if (after === undefined) return { change: 'removed', below };
  return below.size === 0 ? undefined : { change: undefined, below };
}

type MaybeRecord = Readonly<Record<string, unknown>> | undefined;

function compareMembers(shape: Members, before: MaybeRecord, after: MaybeRecord): ChangeTree {
  const below = new Map<string, ChangeNode>();
  for (const key of new Set([...Object.keys(before ?? EMPTY), ...Object.keys(after ?? EMPTY)])) {
    const [left, right] = [memberOf(shape, before, { key, other: after }), memberOf(shape, after, { key, other: before })];
    const node = compare(shape.schemaOf(key), left, right);
    if (node !== undefined) below.set(fieldElement(key), node);
  }
  return below;
}

/**
 * A member of one side. A struct that is no pointer in Go (spec, resources, …) is always there, if empty, so nobody owns its being there;
 * upstream's objects say that by themselves, ours leave it out.
 */
function memberOf(shape: Members, record: MaybeRecord, { key, other }: { readonly key: string; readonly other: MaybeRecord }): unknown {
  if (record === undefined) return undefined;
  const value = own(record, key);
  if (value !== undefined || !shape.isNamed(key) || !isValueField(key)) return value;
  return other !== undefined && isRecord(own(other, key)) ? EMPTY : undefined;
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Undefined where the lists have to be compared as a whole. */
function compareItems(shape: Items, before: readonly unknown[], after: readonly unknown[]): ChangeTree | undefined {
  const [left, right] = [indexItems(shape, before), indexItems(shape, after)];
  if (left === undefined || right === undefined) return undefined;
  const below = new Map<string, ChangeNode>();
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const node = compareItem(shape, left.get(element) ?? [], right.get(element) ?? []);
    if (node !== undefined) below.set(element, node);
  }
  return below;
}

function compareItem(shape: Items, before: readonly unknown[], after: readonly unknown[]): ChangeNode | undefined {
  if (before.length > 1 || after.length > 1) {
    // why: items that share their keys can't be told apart, so they are one field
    return whole(before.length === 0 ? undefined : before, after.length === 0 ? undefined : after);
  }
  return compare(shape.item, before[0], after[0]);
}

function isMembers(value: unknown): value is MaybeRecord {
  return value === undefined || isRecord(value);
}

function isItems(value: unknown): value is readonly unknown[] | undefined {
  return value === undefined || Array.isArray(value);
}

/** True for what is not there, and for a list or object without content. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
