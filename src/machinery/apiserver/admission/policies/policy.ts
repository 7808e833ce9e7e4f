import type { ValidatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import type { Result } from '#kit/errors.ts';
import type { Expression } from '../../cel/expression.ts';
import { compileWanted } from '../expressions.ts';
import { type PolicyBasics, policyBasics } from './policy-basics.ts';

/** A validation of a policy, compiled. */
export interface PolicyValidation {
  readonly text: string;
  readonly expression: Result<Expression>;
  /** What is said when it is false. */
  readonly message: string;
  readonly messageExpression: Result<Expression> | undefined;
  readonly reason: string;
}

/** A policy that validates, taken apart once. */
export interface Policy extends PolicyBasics {
  readonly validations: readonly PolicyValidation[];
  readonly annotations: readonly { readonly key: string; readonly expression: Result<Expression> }[];
}

/** A stored policy. */
export function policyOf(source: ValidatingAdmissionPolicy): Policy {
  const { validations = [], auditAnnotations = [] } = source.spec;
  const { basics, declarations } = policyBasics(source);
  return {
    ...basics,
    validations: validations.map(({ expression, message, messageExpression, reason }) => ({
      text: expression,
      expression: compileWanted(expression, 'bool', declarations),
      message: message ?? `failed expression: ${expression.trim()}`,
      messageExpression:
        messageExpression === undefined || messageExpression === '' ? undefined : compileWanted(messageExpression, 'string', declarations),
      reason: reason ?? 'Invalid',
    })),
    annotations: auditAnnotations.map(({ key, valueExpression }) => ({
      key,
      expression: compileWanted(valueExpression, 'dyn', declarations),
    })),
  };
}
