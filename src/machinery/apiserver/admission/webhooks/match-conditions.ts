import type { MatchCondition as Source } from '#api/generated/kubernetes.ts';
import { PlatformError, type Result } from '#kit/errors.ts';
import type { Declarations } from '../../cel/check/checker.ts';
import type { Expression } from '../../cel/expression.ts';
import { compileWanted, CONDITION_DECLARATIONS, type Subject } from '../expressions.ts';

/** A CEL expression that must be true for a webhook to be called. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: Result<Expression>;
}

/** Compiles conditions; what is wrong with one shows when it is asked. */
export function compileConditions(
  sources: readonly Source[],
  declarations: Declarations = CONDITION_DECLARATIONS,
): readonly MatchCondition[] {
  return sources.map(({ name, expression }) => ({ name, expression: compileWanted(expression, 'bool', declarations) }));
}

/** Compiles one; the error says what is wrong with it. */
export function compileCondition(text: string): Result<Expression> {
  return compileWanted(text, 'bool', CONDITION_DECLARATIONS);
}

/**
 * False where one condition is false, whatever the others do (apiserver pkg/admission/plugin/webhook/matchconditions).
 * @throws PlatformError where none is false and one can't be evaluated
 */
export function conditionsHold(conditions: readonly MatchCondition[], subject: Subject): boolean {
  const faults: string[] = [];
  for (const { name, expression } of conditions) {
    const outcome = ask(expression, subject);
    if (outcome === false) return false;
    if (outcome !== true) faults.push(`match condition ${JSON.stringify(name)}: ${outcome}`);
  }
  if (faults.length === 0) return true;
  throw new PlatformError({ code: 'Internal', reason: 'WebhookFailed', message: faults.join('; ') });
}

/** True, false, or why there is no answer. */
function ask(expression: Result<Expression>, subject: Subject): boolean | string {
  const outcome = subject.evaluate(expression);
  if (!outcome.ok) return outcome.error;
  return typeof outcome.value === 'boolean' ? outcome.value : 'it evaluates to something else than true or false';
}
