import { isRecord } from '#kit/json.ts';

/** The alphabet of Kubernetes' generated names (apimachinery util/rand `SafeEncodeString`). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** A short name-safe hash of a JSON value, the same for the same content in any order of keys; `collisions` makes another one of the same value. */
export function hashOf(value: unknown, collisions = 0): string {
  const text = `${canonical(value)}${collisions === 0 ? '' : collisions}`;
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return Array.from(Buffer.from(String(hash >>> 0)), (digit) => ALPHABET[digit % ALPHABET.length]).join('');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value ?? null);
  const keys = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
