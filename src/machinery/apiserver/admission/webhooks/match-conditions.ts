import type { MatchCondition as Source } from '#api/generated/kubernetes.ts';
import { fail, ok, PlatformError, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { toCel, measure } from '../../custom/rules/cel-value.ts';
import { compileExpression, type Expression, type Measure, MAX_EVALUATION_COST, wordsOf } from '../../custom/rules/expression.ts';

/** A CEL expression that must be true for a webhook to be called. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: Result<Expression>;
}

/** What conditions of one write see. */
export interface ConditionSubject {
  readonly object: unknown;
  readonly oldObject: unknown;
  /** The request of the review, without the objects. */
  readonly request: object;
}

/** Names that conditions may use. */
const VARIABLES: readonly string[] = ['object', 'oldObject', 'request'];

/** Compiles conditions; what is wrong with one shows when it is asked. */
export function compileConditions(sources: readonly Source[], variables = VARIABLES): readonly MatchCondition[] {
  return sources.map(({ name, expression }) => ({ name, expression: compileExpression(expression, 'bool', variables) }));
}

/** Compiles one; the error says what is wrong with it. */
export function compileCondition(text: string): Result<Expression> {
  return compileExpression(text, 'bool', VARIABLES);
}

/**
 * False where one condition is false, whatever the others do (apiserver pkg/admission/plugin/webhook/matchconditions).
 * @throws PlatformError where none is false and one can't be evaluated
 */
export function conditionsHold(conditions: readonly MatchCondition[], subject: ConditionSubject): boolean {
  return conditions.length === 0 || allHold(conditions, seenOf(subject), sizeOf(subject));
}

/** The objects and the request of a write as expressions see them. */
export function seenOf({ object, oldObject, request }: ConditionSubject): Readonly<Record<string, unknown>> {
  return { object: toCel({}, object) ?? null, oldObject: toCel({}, oldObject) ?? null, request: toCel({}, request) };
}

/** How large that is, for the bound of an evaluation. */
export function sizeOf(subject: object): Measure {
  return measure(...Object.values(subject).filter(isRecord));
}

/** As {@link conditionsHold}, over what is seen already. @throws PlatformError where none is false and one can't be evaluated */
export function allHold(conditions: readonly MatchCondition[], seen: Readonly<Record<string, unknown>>, size: Measure): boolean {
  const faults: string[] = [];
  for (const { name, expression } of conditions) {
    const outcome = ask(expression, seen, size);
    if (outcome === false) return false;
    if (outcome !== true) faults.push(`match condition ${JSON.stringify(name)}: ${outcome}`);
  }
  if (faults.length === 0) return true;
  throw new PlatformError({ code: 'Internal', reason: 'WebhookFailed', message: faults.join('; ') });
}

/** True, false, or why there is no answer. */
function ask(expression: Result<Expression>, seen: Readonly<Record<string, unknown>>, size: Measure): boolean | string {
  const outcome = evaluate(expression, seen, size);
  if (!outcome.ok) return outcome.error;
  return typeof outcome.value === 'boolean' ? outcome.value : 'it evaluates to something else than true or false';
}

/** What an expression evaluates to, or why it can't be evaluated. */
export function evaluate(expression: Result<Expression>, seen: Readonly<Record<string, unknown>>, size: Measure): Result<unknown> {
  if (!expression.ok) return expression;
  if (expression.value.costOf(size) > MAX_EVALUATION_COST) return fail('it would cost too much to evaluate');
  try {
    return ok(expression.value.evaluateWith(seen));
  } catch (thrown) {
    // why: whatever the evaluator throws is the answer to the question
    return fail(wordsOf(thrown));
  }
}
