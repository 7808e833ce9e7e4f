import type { OwnSchema } from '#api/meta/kind.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import { OBJECT_META } from '#api/schema/definitions.ts';
import { findExcess } from '#api/schema/excess.ts';
import { pruneUnknown } from '#api/schema/prune.ts';
import { jsonTypeOf } from '#api/schema/scalars.ts';
import { pruneStructural } from '#api/structural/prune.ts';
import type { StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';

/** Reads a body by a structural schema: metadata as every object has it, the rest without unknown fields. What is wrong in the rest is left to validation. */
export function readStructural(schema: StructuralSchema, body: unknown): ReturnType<OwnSchema['read']> {
  if (!isRecord(body)) return refused(`the body is a JSON ${jsonTypeOf(body)}: send one object`);
  const excess = findExcess(body);
  if (excess !== undefined) return refused(excess);
  for (const key of ['apiVersion', 'kind']) {
    const given = body[key];
    if (given !== undefined && given !== null && typeof given !== 'string')
      return refused(`${key} is a JSON ${jsonTypeOf(given)}: write a text`);
  }
  const metadata = body['metadata'] ?? {};
  const checked = checkAgainstSchema(OBJECT_META, metadata);
  if (checked.errors.length > 0)
    return { errors: checked.errors.map(({ message }) => `metadata: ${message}`), unknown: [], object: undefined };
  const pruned = pruneStructural(schema, body);
  const unknown = [...checked.unknown.map((field) => `metadata.${field}`), ...pruned.unknown];
  const object = isRecord(pruned.value) ? { ...pruned.value, metadata: pruneUnknown(OBJECT_META, metadata) } : pruned.value;
  return { errors: [], unknown, object };
}

function refused(error: string): ReturnType<OwnSchema['read']> {
  return { errors: [error], unknown: [], object: undefined };
}
