import { isRecord } from '#kit/json.ts';

/** The keys and indexes that a JSON pointer (RFC 6901) leads through. */
export function pointerTokens(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** What stands behind `tokens`; undefined where nothing does. */
export function valueBehind(document: unknown, tokens: readonly string[]): unknown {
  let value = document;
  for (const token of tokens) {
    if (Array.isArray(value)) value = value[indexOf(token, value.length) ?? -1];
    else value = isRecord(value) && Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}

/** As Go's `Atoi` reads it. */
const INDEX = /^[+-]?\d{1,9}$/;

/** The place that `token` names in a list of `length` items, counted from the end where it is negative (evanphx/json-patch v4); undefined where there is none. */
export function indexOf(token: string, length: number): number | undefined {
  if (!INDEX.test(token)) return undefined;
  const index = Number(token);
  const place = index < 0 ? index + length : index;
  return place >= 0 && place < length ? place : undefined;
}

/** Sets a member whatever its name is: `__proto__` becomes a plain member, too. */
export function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
}
