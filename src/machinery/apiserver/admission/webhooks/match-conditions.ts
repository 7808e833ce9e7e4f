import type { MatchCondition as Source } from '#api/generated/kubernetes.ts';
import { PlatformError, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { toCel, measure } from '../../custom/rules/cel-value.ts';
import { compileExpression, type Expression, MAX_EVALUATION_COST, wordsOf } from '../../custom/rules/expression.ts';

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
const VARIABLES = ['object', 'oldObject', 'request'];

/** Compiles conditions; what is wrong with one shows when it is asked. */
export function compileConditions(sources: readonly Source[]): readonly MatchCondition[] {
  return sources.map(({ name, expression }) => ({ name, expression: compileCondition(expression) }));
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
  if (conditions.length === 0) return true;
  const seen = {
    object: toCel({}, subject.object) ?? null,
    oldObject: toCel({}, subject.oldObject) ?? null,
    request: toCel({}, subject.request),
  };
  const size = measure(...Object.values(subject).filter(isRecord));
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
function ask(expression: Result<Expression>, seen: Readonly<Record<string, unknown>>, size: ReturnType<typeof measure>): boolean | string {
  if (!expression.ok) return expression.error;
  if (expression.value.costOf(size) > MAX_EVALUATION_COST) return 'it would cost too much to evaluate';
  try {
    const outcome = expression.value.evaluateWith(seen);
    return typeof outcome === 'boolean' ? outcome : 'it evaluates to something else than true or false';
  } catch (thrown) {
    // why: whatever the evaluator throws is the answer to the question
    return wordsOf(thrown);
  }
}
