import { deepEqual } from '#kit/json.ts';
import { forbidden, invalid } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

/** Most bytes that a Secret or ConfigMap may hold (core/v1 `MaxSecretSize`). */
export const MAX_DATA_BYTES = 1024 * 1024;

type Entries = Readonly<Record<string, string>> | undefined;

/** Bytes of the values as UTF-8. */
export function sizeOfTexts(entries: Entries): number {
  const encoder = new TextEncoder();
  return Object.values(entries ?? {}).reduce((sum, value) => sum + encoder.encode(value).length, 0);
}

/** Bytes that the base64 values stand for. */
export function sizeOfBase64(entries: Entries): number {
  return Object.values(entries ?? {}).reduce((sum, value) => sum + (value.length / 4) * 3 - (/=*$/.exec(value)?.[0].length ?? 0), 0);
}

/** A key can be text or binary, not both. */
export function duplicateKeyFaults(texts: Entries, binaries: Entries): readonly FieldError[] {
  return Object.keys(texts ?? {})
    .filter((key) => binaries !== undefined && Object.hasOwn(binaries, key))
    .map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
}

interface Freezable {
  readonly immutable?: boolean | undefined;
}

/** Once `immutable` is true neither it nor the data can change. */
export function frozenDataFaults(
  next: Freezable,
  previous: Freezable,
  fields: readonly (readonly [name: string, next: Entries, previous: Entries])[],
): readonly FieldError[] {
  if (previous.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const faults = next.immutable === true ? [] : [forbidden('immutable', detail)];
  const changed = fields.filter(([, after, before]) => !deepEqual(after ?? {}, before ?? {}));
  return [...faults, ...changed.map(([name]) => forbidden(name, detail))];
}
