/** Any value that JSON can carry. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** True for an object that is neither null nor an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * States that `value` has type `T` because a check outside the type system made sure (a schema, a wire contract).
 * The one place where Stowage asserts a type; say at the call why it holds where it is not plain.
 */
export function trusted<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the single assertion of the code base, so that each use is found by name
  return value as T;
}

/** Freezes `value` and everything inside it, and returns it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/** Structural equality of JSON values; a key whose value is undefined equals an absent one; order of keys does not matter. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  // oxlint-disable-next-line eqeqeq -- only == compares a number with a bigint
  if (isNumeric(a) && isNumeric(b)) return a == b;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
  if (!isRecord(a) || !isRecord(b)) return false;
  const keysA = definedKeys(a);
  return keysA.length === definedKeys(b).length && keysA.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]));
}

/** True for a number in either form; `<` and `>` compare the two forms exactly. */
export function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** True for a whole number in either form. */
export function isWholeNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function definedKeys(record: Record<string, unknown>): string[] {
  return Object.keys(record).filter((key) => record[key] !== undefined);
}
