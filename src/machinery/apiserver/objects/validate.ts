import type { FieldError, KindDefinition } from '#api/meta/kind.ts';
import { validateMetadataUpdate } from '#api/meta/validate-metadata.ts';
import type { AnyObject } from './json-object.ts';

/** Faults of a new object. */
export function validateNew(kind: KindDefinition, object: AnyObject): readonly FieldError[] {
  return kind.validate(object);
}

/** Faults of a change: first of the new state by itself, then of the way there. */
export function validateChange(kind: KindDefinition, next: AnyObject, previous: AnyObject): readonly FieldError[] {
  const faults = [...validateMetadataUpdate(next.metadata, previous.metadata), ...kind.validate(next)];
  return faults.length > 0 ? faults : kind.validateUpdate(next, previous);
}
