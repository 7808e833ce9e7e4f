import type { Schema } from '#api/schema/definitions.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';
import { changedFields, compareFields } from './compare-fields.ts';
import type { Conflict } from './decide-apply.ts';
import { difference, type FieldSet, isEmptySet } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';

/** Where client-side apply keeps the configuration that it applied last. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Largest total size of annotations (apimachinery `TotalAnnotationSizeLimitB`). */
const MAX_ANNOTATION_BYTES = 256 * 1024;

/**
 * The conflicts that stay when kubectl goes from client-side to server-side apply: what it applied last from the client, unchanged since, was its own
 * all the time (managedfields internal/lastappliedmanager.go).
 */
export function withoutOwnConflicts(schema: Schema, live: unknown, conflicts: readonly Conflict[]): readonly Conflict[] {
  const own = lastAppliedFields(schema, live);
  if (own === undefined) return conflicts;
  return conflicts.map(({ owner, fields }) => ({ owner, fields: difference(fields, own) })).filter(({ fields }) => !isEmptySet(fields));
}

function lastAppliedFields(schema: Schema, live: unknown): FieldSet | undefined {
  const text = annotationsOf(live)[LAST_APPLIED];
  const applied = typeof text === 'string' ? parseObject(text) : undefined;
  if (applied === undefined || !isRecord(live) || applied['apiVersion'] !== live['apiVersion']) return undefined;
  return difference(fieldsOf(schema, applied), changedFields(compareFields(schema, applied, live), ['added', 'modified', 'removed']));
}

/** `object` with what was applied in the annotation of client-side apply, where the object has it: so that the client can go back to its own apply. */
export function withLastApplied(object: unknown, applied: Readonly<Record<string, unknown>>): unknown {
  const annotations = annotationsOf(object);
  const before = annotations[LAST_APPLIED];
  if (!isRecord(object) || !isRecord(object['metadata']) || typeof before !== 'string' || before === '') return object;
  const { [LAST_APPLIED]: _before, ...others } = annotations;
  const text = `${JSON.stringify(withoutAnnotation(applied))}\n`;
  const isTooLarge = Buffer.byteLength(JSON.stringify(others)) + Buffer.byteLength(text) > MAX_ANNOTATION_BYTES;
  const next = isTooLarge ? others : { ...annotations, [LAST_APPLIED]: text };
  return { ...object, metadata: { ...object['metadata'], annotations: next } };
}

function withoutAnnotation(applied: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { metadata } = applied;
  if (!isRecord(metadata) || !isRecord(metadata['annotations'])) return applied;
  const { [LAST_APPLIED]: _dropped, ...annotations } = metadata['annotations'];
  return { ...applied, metadata: { ...metadata, annotations } };
}

function annotationsOf(object: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(object) || !isRecord(object['metadata'])) return {};
  const { annotations } = object['metadata'];
  return isRecord(annotations) ? annotations : {};
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parseExactJson(text);
    return isRecord(value) ? value : undefined;
  } catch {
    // why: an annotation that is no JSON says nothing of what was applied
    return undefined;
  }
}
