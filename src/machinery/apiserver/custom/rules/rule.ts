import type { ValidationRule } from '#api/generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { plainMembers } from '#api/structural/json-path.ts';
import { isIntOrString, type StructuralSchema } from '#api/structural/schema.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { BOOL, optionalType, STRING, type Type } from '../../cel/check/types.ts';
import { estimateCost } from '../../cel/cost/estimate-cost.ts';
import { compileExpression, type Evaluation, type Expression, typeTextOf, yields } from '../../cel/expression.ts';
import { LIBRARY } from '../../cel/functions/library.ts';
import type { CelValue } from '../../cel/values/value.ts';
import { type DeclaredType, maxCardinality, sizeAtPath } from './declared-type.ts';

/** A rule of a schema, ready to be asked. */
export interface Rule {
  readonly expression: Expression;
  /** Asked on changes only, with the value before. */
  readonly isTransition: boolean;
  /** Asked with the value before where there is one, as an optional. */
  readonly hasOptionalOldSelf: boolean;
  /** The fault of a value that breaks the rule. */
  readonly faultOf: (field: string, seen: Seen) => FieldError;
  /** The fault of a value for which the rule can't be evaluated, for the reason given. */
  readonly errorOf: (field: string, why: string) => FieldError;
}

/** The variables of a rule. */
export type Seen = ReadonlyMap<string, CelValue>;

/** Where a rule stands. */
export interface RulePlace {
  readonly schema: StructuralSchema;
  /** What its schema tells of the value. */
  readonly declared: DeclaredType;
  /** How often the value can be in one object; undefined where the schemas around do not bound it. */
  readonly cardinality: number | undefined;
  /** True where the value before is known: not below a list whose items have no identity. */
  readonly isCorrelated: boolean;
}

const REASONS = ['FieldValueInvalid', 'FieldValueForbidden', 'FieldValueRequired', 'FieldValueDuplicate'];
/** apiextensions `MaxMessageLength`, in characters. */
const MAX_MESSAGE = 5_120;

/** What came of compiling a rule. */
export interface CompiledRule {
  /** Absent where it can't be asked. */
  readonly rule?: Rule;
  readonly faults: readonly FieldError[];
  /** Most that the rule can cost an object, and its message once, by their fields. */
  readonly costs: readonly (readonly [field: string, cost: number])[];
}

/** Compiles a rule; without one, `faults` say what is wrong with it. `field` is where the rule stands in the definition. */
export function compileRule(source: ValidationRule, place: RulePlace, field: string): CompiledRule {
  const faults: FieldError[] = [];
  const text = source.rule ?? '';
  const compiled = compile(text, BOOL, { source, place });
  if (text.trim() === '') faults.push(required(`${field}.rule`, 'rule is not specified'));
  else if (!compiled.ok) faults.push(invalid(`${field}.rule`, source, compiled.error));
  const message = compileMessage(source, place, { field, faults });
  faults.push(...faultsOfTexts(source, field));
  if (!compiled.ok) return { faults, costs: [] };
  const expression = compiled.value;
  faults.push(...faultsOfOldSelf(source, expression, { place, field }));
  const costs = [
    [`${field}.rule`, mostCost(expression, place) * (place.cardinality ?? maxCardinality(place.declared))] as const,
    ...(message === undefined ? [] : [[`${field}.messageExpression`, mostCost(message, place)] as const]),
  ];
  return faults.length > 0 ? { faults, costs } : { rule: ruleOf(source, place, { expression, message }), faults, costs };
}

function mostCost({ root, checked }: Expression, { declared }: RulePlace): number {
  return estimateCost(root, checked, (path) => sizeAtPath(declared, path)).max;
}

function faultsOfOldSelf(
  source: ValidationRule,
  expression: Expression,
  { place, field }: { readonly place: RulePlace; readonly field: string },
): readonly FieldError[] {
  const usesOldSelf = expression.uses('oldSelf');
  if (usesOldSelf && !place.isCorrelated) {
    const why = 'oldSelf cannot be used on the uncorrelatable portion of the schema: make the list a map (x-kubernetes-list-type)';
    return [invalid(`${field}.rule`, source.rule ?? '', why)];
  }
  if (source.optionalOldSelf !== undefined && !usesOldSelf)
    return [invalid(`${field}.optionalOldSelf`, source.optionalOldSelf, 'may not be set if oldSelf is not used in rule')];
  return [];
}

/** Compiles one of the two expressions of a rule. */
function compile(
  text: string,
  wanted: Type,
  { source, place }: { readonly source: ValidationRule; readonly place: RulePlace },
): Result<Expression> {
  const { type } = place.declared;
  const oldSelf = source.optionalOldSelf === true ? optionalType(type) : type;
  const variables = new Map([
    ['self', type],
    ['oldSelf', oldSelf],
  ]);
  const compiled = compileExpression(text, { library: LIBRARY, variables });
  const what = wanted === BOOL ? '' : 'messageExpression ';
  if (!compiled.ok) return fail(`${what}compilation failed: ${compiled.error}`);
  if (yields(compiled.value, wanted)) return ok(compiled.value);
  const subject = wanted === BOOL ? 'cel expression' : 'messageExpression';
  return fail(`${subject} must evaluate to a ${wanted.name}, but evaluates to ${typeTextOf(compiled.value)}`);
}

function compileMessage(
  source: ValidationRule,
  place: RulePlace,
  at: { readonly field: string; readonly faults: FieldError[] },
): Expression | undefined {
  const { messageExpression } = source;
  if (messageExpression === undefined || messageExpression === '') return undefined;
  const compiled = compile(messageExpression, STRING, { source, place });
  if (compiled.ok) return compiled.value;
  at.faults.push(invalid(`${at.field}.messageExpression`, source, compiled.error));
  return undefined;
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
    isTransition: expression.uses('oldSelf') && !hasOptionalOldSelf,
    hasOptionalOldSelf,
    faultOf: (field, seen) => fault(named(`${field}${suffix}`), type, messageOf(parts.message, seen) ?? fallback),
    errorOf: (field, why) => invalid(named(field), type, `rule evaluation error: ${why} evaluating rule: ${fallback}`),
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
function messageOf(message: Expression | undefined, seen: Seen): string | undefined {
  // why no more is made of a failure: the rule's own verdict is what counts
  const made: Evaluation | undefined = message?.evaluate(seen);
  const text = made?.result.ok === true && typeof made.result.value === 'string' ? made.result.value.trim() : '';
  return text === '' || text.includes('\n') ? undefined : text.slice(0, MAX_MESSAGE);
}
