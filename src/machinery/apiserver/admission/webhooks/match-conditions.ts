import type { MatchCondition as Source } from '#api/generated/kubernetes.ts';
import { PlatformError, type Result } from '#kit/errors.ts';
import type { Declarations } from '../../cel/check/checker.ts';
import type { Expression } from '../../cel/expression.ts';
import { compileExactly, compileWanted, CONDITION_DECLARATIONS, type Subject } from '../expressions.ts';

/** A CEL expression that must be true for a webhook to be called. */
export interface MatchCondition {
  readonly name: string;
  readonly text: string;
  readonly expression: Result<Expression>;
}

/** Compiles conditions; what is wrong with one shows when it is asked. */
export function compileConditions(
  sources: readonly Source[],
  declarations: Declarations = CONDITION_DECLARATIONS,
): readonly MatchCondition[] {
  return sources.map(({ name, expression }) => ({ name, text: expression, expression: compileWanted(expression, 'bool', declarations) }));
}

/** Compiles one that is just being defined; the error says what is wrong with it. */
export function compileCondition(text: string): Result<Expression> {
  return compileExactly(text, ['bool'], CONDITION_DECLARATIONS);
}

/** A condition that can't be evaluated, and why. */
interface ConditionFault {
  readonly condition: MatchCondition;
  readonly why: string;
}

/** False where one condition is false, whatever the others do; else what can't be evaluated, where nothing is wrong none (apiserver pkg/admission/plugin/webhook/matchconditions). */
export function askConditions(conditions: readonly MatchCondition[], subject: Subject): false | readonly ConditionFault[] {
  const faults: ConditionFault[] = [];
  const own = subject.forConditions();
  for (const condition of conditions) {
    const outcome = ask(condition.expression, own);
    if (outcome === false) return false;
    if (outcome !== true) faults.push({ condition, why: outcome });
  }
  return faults;
}

/**
 * False where one condition is false.
 * @throws PlatformError where none is false and one can't be evaluated
 */
export function conditionsHold(conditions: readonly MatchCondition[], subject: Subject): boolean {
  const faults = askConditions(conditions, subject);
  if (faults === false || faults.length === 0) return faults !== false;
  const message = faults.map(({ condition: { name }, why }) => `match condition ${JSON.stringify(name)}: ${why}`).join('; ');
  throw new PlatformError({ code: 'Internal', reason: 'WebhookFailed', message });
}

/** True, false, or why there is no answer. */
function ask(expression: Result<Expression>, subject: Subject): boolean | string {
  const outcome = subject.evaluate(expression);
  if (!outcome.ok) return outcome.error;
  return typeof outcome.value === 'boolean' ? outcome.value : 'it evaluates to something else than true or false';
}
