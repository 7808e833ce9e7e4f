import { isRecord } from '#kit/json.ts';

/** Deepest nesting of a body: far more than any kind needs, little enough for every recursion over it. */
export const MAX_DEPTH = 256;
/**
 * Most fields and list items of an object, without its managedFields. What is done for a write takes some 20 µs for each, and the largest objects that
 * people keep (definitions of a megabyte) have less than half as many.
 */
export const MAX_VALUES = 100_000;

/** Why a body, or its metadata alone, is too much; undefined where it is not. Needs no stack of its own. What `stored` says of who owns what is not measured again. */
export function findExcess(body: unknown, stored?: unknown): string | undefined {
  const owners = managedFieldsOf(body);
  const measured = managedFieldsOf(stored);
  if (owners.some((fields) => !measured.includes(fields) && isDeeperThan(fields, MAX_DEPTH - 2))) return TOO_DEEP;
  if (typeof body !== 'object' || body === null) return undefined;
  return measure(body, 0, { left: MAX_VALUES, apart: owners.filter((fields) => fields !== undefined) });
}

interface Measure {
  /** Values that may still come. */
  left: number;
  /** What is not counted. */
  readonly apart: readonly unknown[];
}

/** Recurses no deeper than the bound. */
function measure(item: object, depth: number, left: Measure): string | undefined {
  const members: readonly unknown[] = Object.values(item);
  if (members.length > 0 && depth >= MAX_DEPTH) return TOO_DEEP;
  left.left -= members.length;
  if (left.left < 0) return `the body has more than ${MAX_VALUES} fields and list items: make several objects of it`;
  for (const inner of members) {
    if (typeof inner !== 'object' || inner === null || left.apart.includes(inner)) continue;
    const excess = measure(inner, depth + 1, left);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

const TOO_DEEP = `the body is nested deeper than ${MAX_DEPTH} levels`;

function managedFieldsOf(body: unknown): readonly unknown[] {
  if (!isRecord(body)) return [];
  return [body['managedFields'], isRecord(body['metadata']) ? body['metadata']['managedFields'] : undefined];
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
