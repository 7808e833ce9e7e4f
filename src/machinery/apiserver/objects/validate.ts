import { formatFieldError } from '#api/meta/field-error.ts';
import type { FieldError, KindDefinition, RuleVerdict } from '#api/meta/kind.ts';
import { validateMetadataUpdate } from '#api/meta/validate-metadata.ts';
import { trusted } from '#kit/json.ts';
import type { WriteRequest } from '../contract/request.ts';
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
  const check = (before: AnyObject): readonly FieldError[] => [
    ...validateMetadataUpdate(next.metadata, before.metadata),
    ...kind.validate(next, before),
    ...kind.validateUpdate(next, before, subresource),
  ];
  const faults = check(previous);
  const news = faults.length === 0 || kind.own !== undefined ? faults : newFaults(kind, previous, check);
  return withRules(kind, news, { next, previous });
}

/** Without what an object may have that was stored under older rules: members without today's defaults, and faults that it had before. */
function newFaults(kind: KindDefinition, previous: AnyObject, check: (before: AnyObject) => readonly FieldError[]): readonly FieldError[] {
  const before = trusted<AnyObject>(kind.applyDefaults(previous));
  const had = new Set(kind.validate(before, before).map(formatFieldError));
  return check(before).filter((fault) => !had.has(formatFieldError(fault)));
}

/** Rules may rely on the schema: they are asked only where it has nothing to say. */
function withRules(
  { own }: KindDefinition,
  faults: readonly FieldError[],
  { next, previous }: { readonly next: AnyObject; readonly previous: AnyObject | undefined },
): RuleVerdict {
  return faults.length > 0 || own?.checkRules === undefined ? { faults, warnings: [] } : own.checkRules(next, previous);
}
