import { invalid, tooLong } from './field-error.ts';
import type { FieldError } from './kind.ts';
import { labelValue, qualifiedName } from './validate-name.ts';

/** All annotations of an object together, keys and values (apimachinery `TotalAnnotationSizeLimitB`). */
const TOTAL_ANNOTATION_BYTES = 256 * 1024;

/** Faults of a map of labels at `field`. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, field: string): readonly FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...qualifiedName(key).map((fault) => invalid(field, key, fault)),
    ...labelValue(value).map((fault) => invalid(`${field}.${key}`, value, fault)),
  ]);
}

/** Faults of a map of annotations at `field`: keys as labels have them (upper case allowed), values free, the whole bounded. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, field: string): readonly FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const faults = entries.flatMap(([key]) => qualifiedName(key.toLowerCase()).map((fault) => invalid(field, key, fault)));
  const encoder = new TextEncoder();
  const sizeBytes = entries.reduce((sum, [key, value]) => sum + encoder.encode(key).length + encoder.encode(value).length, 0);
  return sizeBytes > TOTAL_ANNOTATION_BYTES ? [...faults, tooLong(field, TOTAL_ANNOTATION_BYTES)] : faults;
}
