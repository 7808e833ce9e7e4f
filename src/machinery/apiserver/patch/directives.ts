import { isRecord } from '#kit/json.ts';

/** An object of a patch or a document. */
export type Fields = Readonly<Record<string, unknown>>;

/** How an object or a list item of the patch is meant: replace, merge or delete. */
export const DIRECTIVE = '$patch';
/** Names the members that stay. */
export const RETAIN_KEYS = '$retainKeys';
/** Followed by a field's name: values to take out of its list. */
export const DELETE_FROM_PREFIX = '$deleteFromPrimitiveList/';
/** Followed by a field's name: the order of its list. */
export const SET_ORDER_PREFIX = '$setElementOrder/';

/** True for members of a patch that are no fields of the object. */
export function isDirective(key: string): boolean {
  return key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(DELETE_FROM_PREFIX) || key.startsWith(SET_ORDER_PREFIX);
}

/** The value of a patch that takes the place of the old one: without directives and without nulls, at any depth. */
export function dropDirectives(fields: Fields): Fields {
  const kept = Object.entries(fields).filter(([key, value]) => !isDirective(key) && value !== null);
  return Object.fromEntries(kept.map(([key, value]) => [key, dropInside(value)]));
}

function dropInside(value: unknown): unknown {
  if (isRecord(value)) return dropDirectives(value);
  return Array.isArray(value) ? value.map(dropInside) : value;
}
