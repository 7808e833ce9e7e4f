import type { ValidationRule } from '#api/generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { plainMembers } from '#api/structural/json-path.ts';
import { isIntOrString, type StructuralSchema } from '#api/structural/schema.ts';
import { compileExpression, type Expression, wordsOf } from './expression.ts';
import { findUndefinedField } from './undefined-fields.ts';

/** A rule of a schema, ready to be asked. */
export interface Rule {
  readonly expression: Expression;
  /** Asked on changes only, with the value before. */
  readonly isTransition: boolean;
  /** Asked with the value before where there is one, as an optional. */
  readonly hasOptionalOldSelf: boolean;
  /** The fault of a value that breaks the rule. */
  readonly faultOf: (field: string, seen: { readonly self: unknown; readonly oldSelf: unknown }) => FieldError;
  /** The fault of a value for which the rule can't be evaluated. */
  readonly errorOf: (field: string, thrown: unknown) => FieldError;
}

/** Where a rule stands. */
export interface RulePlace {
  readonly schema: StructuralSchema;
  /** True where the value before is known: not below a list whose items have no identity. */
  readonly isCorrelated: boolean;
  /** True for the schema of a whole object. */
  readonly isObjectRoot: boolean;
}

const REASONS = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'];
/** apiextensions `MaxMessageLength`, in characters. */
const MAX_MESSAGE = 5_120;

/** Compiles a rule; without one, `faults` say what is wrong with it. `field` is where the rule stands in the definition. */
export function compileRule(
  source: ValidationRule,
  place: RulePlace,
  field: string,
): { readonly rule?: Rule; readonly faults: readonly FieldError[] } {
  const faults: FieldError[] = [];
  const text = source.rule ?? '';
  const compiled = compileExpression(text, 'bool');
  if (text.trim() === '') faults.push(required(`${field}.rule`, 'rule is not specified'));
  else if (!compiled.ok) faults.push(invalid(`${field}.rule`, text, compiled.error));
  const message = compileMessage(source, place, { field, faults });
  faults.push(...faultsOfTexts(source, field));
  if (!compiled.ok) return { faults };
  const stray = findUndefinedField(compiled.value.ast, place.schema, place.isObjectRoot);
  if (stray !== undefined) faults.push(invalid(`${field}.rule`, text, `compilation failed: undefined field '${stray}'`));
  if (compiled.value.usesOldSelf && !place.isCorrelated)
    faults.push(
      invalid(
        `${field}.rule`,
        text,
        'oldSelf cannot be used on the uncorrelatable portion of the schema: make the list a map (x-kubernetes-list-type)',
      ),
    );
  if (source.optionalOldSelf === true && !compiled.value.usesOldSelf)
    faults.push(invalid(`${field}.optionalOldSelf`, true, 'may not be set if oldSelf is not used in rule'));
  return faults.length > 0 ? { faults } : { rule: ruleOf(source, place, { expression: compiled.value, message }), faults };
}

function compileMessage(
  source: ValidationRule,
  place: RulePlace,
  at: { readonly field: string; readonly faults: FieldError[] },
): Expression | undefined {
  const { messageExpression } = source;
  if (messageExpression === undefined || messageExpression === '') return undefined;
  const compiled = compileExpression(messageExpression, 'string');
  const field = `${at.field}.messageExpression`;
  if (!compiled.ok) {
    at.faults.push(invalid(field, messageExpression, compiled.error));
    return undefined;
  }
  const stray = findUndefinedField(compiled.value.ast, place.schema, place.isObjectRoot);
  if (stray !== undefined) at.faults.push(invalid(field, messageExpression, `compilation failed: undefined field '${stray}'`));
  return compiled.value;
}

function faultsOfTexts({ message, reason, fieldPath = '', rule }: ValidationRule, field: string): readonly FieldError[] {
  const faults: FieldError[] = [...faultsOfMessage(message, rule ?? '', field)];
  if (reason !== undefined && !REASONS.includes(reason)) faults.push(notSupported(`${field}.reason`, reason, REASONS));
  if (fieldPath !== '' && plainMembers(fieldPath) === undefined)
    faults.push(invalid(`${field}.fieldPath`, fieldPath, 'fieldPath must be a valid path of members, for example .spec.size'));
  return faults;
}

function faultsOfMessage(message: string | undefined, rule: string, field: string): readonly FieldError[] {
  if (message === undefined || message === '')
    return rule.includes('\n') ? [required(`${field}.message`, 'message must be specified if rule contains line breaks')] : [];
  const text = message.trim();
  if (text === '') return [invalid(`${field}.message`, message, 'message must be non-empty if specified')];
  return text.includes('\n') ? [invalid(`${field}.message`, message, 'message must not contain line breaks')] : [];
}

function ruleOf(
  source: ValidationRule,
  place: RulePlace,
  parts: { readonly expression: Expression; readonly message: Expression | undefined },
): Rule {
  const { expression } = parts;
  const hasOptionalOldSelf = source.optionalOldSelf === true;
  const suffix = (plainMembers(source.fieldPath ?? '') ?? []).map((key) => `.${key}`).join('');
  const fallback =
    source.message === undefined || source.message === '' ? `failed rule: ${(source.rule ?? '').trim()}` : source.message.trim();
  const type = isIntOrString(place.schema) ? 'int-or-string' : (place.schema.type ?? 'object');
  const fault = FAULTS.get(source.reason ?? '') ?? invalid;
  return {
    expression,
    isTransition: expression.usesOldSelf && !hasOptionalOldSelf,
    hasOptionalOldSelf,
    faultOf: (field, seen) => fault(named(`${field}${suffix}`), type, messageOf(parts.message, seen) ?? fallback),
    errorOf: (field, thrown) => invalid(named(field), type, `rule evaluation error: ${wordsOf(thrown)} evaluating rule: ${fallback}`),
  };
}

/** The whole object has no path; upstream prints Go's nil. */
function named(field: string): string {
  return field === '' ? '<nil>' : field.replace(/^\./, '');
}

type MakeFault = (field: string, value: unknown, detail: string) => FieldError;

const FAULTS: ReadonlyMap<string, MakeFault> = new Map<string, MakeFault>([
  ['FieldValueForbidden', (field, _value, detail) => forbidden(field, detail)],
  ['FieldValueRequired', (field, _value, detail) => required(field, detail)],
  ['FieldValueDuplicate', (field, value) => duplicate(field, value)],
]);

/** A message that can't be made, is empty or has several lines is no message. */
function messageOf(
  message: Expression | undefined,
  { self, oldSelf }: { readonly self: unknown; readonly oldSelf: unknown },
): string | undefined {
  if (message === undefined) return undefined;
  try {
    const made = message.evaluate(self, oldSelf);
    const text = typeof made === 'string' ? made.trim() : '';
    return text === '' || text.includes('\n') ? undefined : text.slice(0, MAX_MESSAGE);
  } catch {
    // why: upstream falls back to the fixed message, too; the rule's own verdict is what counts
    return undefined;
  }
}
