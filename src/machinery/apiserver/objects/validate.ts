import type { FieldError, KindDefinition, RuleVerdict } from '#api/meta/kind.ts';
import { validateMetadataUpdate } from '#api/meta/validate-metadata.ts';
import type { WriteRequest } from '../request.ts';
import type { AnyObject } from './json-object.ts';

/** Faults of a new object. */
export function validateNew(kind: KindDefinition, object: AnyObject): readonly FieldError[] {
  return withRules(kind, kind.validate(object), { next: object, previous: undefined }).faults;
}

/** Faults of a change: of the new state by itself, and of the way there; and what is told though it is let through. */
export function validateChange(
  { kind, subresource }: Pick<WriteRequest, 'kind' | 'subresource'>,
  next: AnyObject,
  previous: AnyObject,
): RuleVerdict {
  const faults = [
    ...validateMetadataUpdate(next.metadata, previous.metadata),
    ...kind.validate(next, previous),
    ...kind.validateUpdate(next, previous, subresource),
  ];
  return withRules(kind, faults, { next, previous });
}

/** Rules may rely on the schema: they are asked only where it has nothing to say. */
function withRules(
  { own }: KindDefinition,
  faults: readonly FieldError[],
  { next, previous }: { readonly next: AnyObject; readonly previous: AnyObject | undefined },
): RuleVerdict {
  return faults.length > 0 || own?.checkRules === undefined ? { faults, warnings: [] } : own.checkRules(next, previous);
}
