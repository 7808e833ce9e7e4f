import { compareElements, formatElement } from './path-element.ts';

/** Fields of an object as a tree: path elements (see path-element.ts) and what is below them. Never changed once made. */
export type FieldSet = ReadonlyMap<string, FieldNode>;

/** A place in a {@link FieldSet}. */
export interface FieldNode {
  /** True where the field itself is in the set, not only fields below it. */
  readonly isMember: boolean;
  readonly below: FieldSet;
}

/** The set without fields. */
export const NO_FIELDS: FieldSet = new Map();
/** A field without fields below it. */
export const LEAF: FieldNode = { isMember: true, below: NO_FIELDS };

/** True where nothing is in the set. */
export function isEmptySet(set: FieldSet): boolean {
  return [...set.values()].every((node) => !node.isMember && isEmptySet(node.below));
}

/** What is in `a` or in `b`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  const result = new Map(a);
  for (const [element, node] of b) {
    const other = a.get(element);
    result.set(element, other === undefined ? node : { isMember: other.isMember || node.isMember, below: union(other.below, node.below) });
  }
  return result;
}

/** What is in `a` and in `b`, field by field: a field says nothing of what is below it. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return combine(a, (element, node) => {
    const other = b.get(element);
    if (other === undefined) return undefined;
    return { isMember: node.isMember && other.isMember, below: intersection(node.below, other.below) };
  });
}

/** What is in `a` but not in `b`, field by field: a field says nothing of what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a.size === 0 || b.size === 0) return a;
  return combine(a, (element, node) => {
    const other = b.get(element);
    if (other === undefined) return node;
    return { isMember: node.isMember && !other.isMember, below: difference(node.below, other.below) };
  });
}

/** True where both hold the same fields. */
export function isSameSet(a: FieldSet, b: FieldSet): boolean {
  return isEmptySet(difference(a, b)) && isEmptySet(difference(b, a));
}

/** Every field as people read it, for example `.spec.containers[name="a"].image`, in the order of its path. */
export function formatPaths(set: FieldSet): readonly string[] {
  return sortedNodes(set).flatMap(([element, node]) => {
    const here = formatElement(element);
    return [...(node.isMember ? [here] : []), ...formatPaths(node.below).map((path) => here + path)];
  });
}

/** The nodes in the order in which they are serialised. */
export function sortedNodes(set: FieldSet): readonly (readonly [string, FieldNode])[] {
  return [...set].toSorted(([a], [b]) => compareElements(a, b));
}

function combine(set: FieldSet, change: (element: string, node: FieldNode) => FieldNode | undefined): FieldSet {
  const result = new Map<string, FieldNode>();
  for (const [element, node] of set) {
    const next = change(element, node);
    if (next !== undefined && (next.isMember || next.below.size > 0)) result.set(element, next);
  }
  return result;
}
