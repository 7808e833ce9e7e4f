import { isRecord } from '#kit/json.ts';

/** Deepest nesting of a body: far more than any kind needs, little enough for every recursion over it. */
export const MAX_DEPTH = 256;
/**
 * Most fields and list items of an object, without its managedFields. What is done for a write takes some 20 µs for each, and the largest objects that
 * people keep (definitions of a megabyte) have less than half as many.
 */
export const MAX_VALUES = 100_000;

/** Why a body, or its metadata alone, is too much; undefined where it is not. Needs no stack of its own. */
export function findExcess(body: unknown): string | undefined {
  let level: unknown[] = [withoutManagedFields(body)];
  if (managedFieldsOf(body).some((fields) => isDeeperThan(fields, MAX_DEPTH - 2))) return TOO_DEEP;
  let count = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      const members: readonly unknown[] = Object.values(item);
      if (members.length > 0 && depth >= MAX_DEPTH) return TOO_DEEP;
      count += members.length;
      for (const inner of members) if (typeof inner === 'object' && inner !== null) next.push(inner);
      if (count > MAX_VALUES) return `the body has more than ${MAX_VALUES} fields and list items: make several objects of it`;
    }
    level = next;
  }
  return undefined;
}

const TOO_DEEP = `the body is nested deeper than ${MAX_DEPTH} levels`;

function managedFieldsOf(body: unknown): readonly unknown[] {
  if (!isRecord(body)) return [];
  return [body['managedFields'], isRecord(body['metadata']) ? body['metadata']['managedFields'] : undefined];
}

function withoutManagedFields(body: unknown): unknown {
  if (!isRecord(body) || managedFieldsOf(body).every((fields) => fields === undefined)) return body;
  const { managedFields: _own, metadata, ...rest } = body;
  if (!isRecord(metadata)) return { ...rest, metadata };
  const { managedFields: _of, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

/** True where objects and arrays nest deeper than `limit`; needs no stack of its own. */
export function isDeeperThan(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}
