import { isRecord } from '#kit/json.ts';

/** An escape of half a character, in JSON or YAML; most are followed by the other half. */
const HALF = /\\(?:u|U0000)[dD][89a-fA-F]/;

/** `value`, read from `text`, with U+FFFD in place of every half of a character: no client could read it, nor any list that it is in (Go's decoders do the same). */
export function wellFormed(text: string, value: unknown): unknown {
  return HALF.test(text) ? mend(value, new Map()) : value;
}

function mend(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  // why: aliases of YAML make one part stand in many places
  const before = known.get(value);
  if (before !== undefined) return before;
  const mended: unknown = Array.isArray(value) ? value.map((item) => mend(item, known)) : mendObject(value, known);
  known.set(value, mended);
  return mended;
}

function mendObject(value: object, known: Map<object, unknown>): unknown {
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), mend(member, known)]))
    : value;
}
