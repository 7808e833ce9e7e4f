import type { MatchResources, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/kubernetes.ts';
import type { Result } from '#kit/errors.ts';
import { compileExpression, type Expression } from '../../custom/rules/expression.ts';
import { compileConditions, type MatchCondition } from '../webhooks/match-conditions.ts';
import { ruleMatcher } from '../webhooks/rule-matcher.ts';
import { type Matching, requirementsOf } from '../webhooks/webhook-matching.ts';

/** Names that expressions of policies may use. */
export const POLICY_VARIABLES: readonly string[] = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'variables'];

/** A validation of a policy, compiled. */
export interface PolicyValidation {
  readonly text: string;
  readonly expression: Result<Expression>;
  /** What is said when it is false. */
  readonly message: string;
  readonly messageExpression: Result<Expression> | undefined;
  readonly reason: string;
}

/** A policy, taken apart once. */
export interface Policy extends Matching {
  readonly name: string;
  readonly ignoresFaults: boolean;
  readonly paramKind: ValidatingAdmissionPolicy['spec']['paramKind'];
  readonly conditions: readonly MatchCondition[];
  readonly variables: readonly { readonly name: string; readonly expression: Result<Expression> }[];
  readonly validations: readonly PolicyValidation[];
  readonly annotations: readonly { readonly key: string; readonly expression: Result<Expression> }[];
}

/** What puts a policy into force, taken apart once. */
export interface PolicyBinding {
  readonly name: string;
  readonly policyName: string;
  /** Absent = whatever the policy is about. */
  readonly matching: Matching | undefined;
  readonly actions: ReadonlySet<string>;
  readonly paramRef: ValidatingAdmissionPolicyBinding['spec']['paramRef'];
}

/** Compiles an expression of a policy that may yield anything. */
export function compileValue(text: string): Result<Expression> {
  return compileExpression(text, 'dyn', POLICY_VARIABLES);
}

/** A stored policy. */
export function policyOf({ metadata: { name }, spec }: ValidatingAdmissionPolicy): Policy {
  const { validations = [], variables = [], matchConditions = [], auditAnnotations = [], matchConstraints = {} } = spec;
  return {
    ...matchingOf(matchConstraints),
    name,
    ignoresFaults: spec.failurePolicy === 'Ignore',
    paramKind: spec.paramKind,
    conditions: compileConditions(matchConditions, POLICY_VARIABLES),
    variables: variables.map((variable) => ({ name: variable.name, expression: compileValue(variable.expression) })),
    validations: validations.map(({ expression, message, messageExpression, reason }) => ({
      text: expression,
      expression: compileExpression(expression, 'bool', POLICY_VARIABLES),
      message: message ?? `failed expression: ${expression.trim()}`,
      messageExpression:
        messageExpression === undefined || messageExpression === ''
          ? undefined
          : compileExpression(messageExpression, 'string', POLICY_VARIABLES),
      reason: reason ?? 'Invalid',
    })),
    annotations: auditAnnotations.map(({ key, valueExpression }) => ({ key, expression: compileValue(valueExpression) })),
  };
}

/** A stored binding. */
export function bindingOf({ metadata: { name }, spec }: ValidatingAdmissionPolicyBinding): PolicyBinding {
  const { policyName, matchResources, validationActions, paramRef } = spec;
  const matching = matchResources === undefined ? undefined : matchingOf(matchResources);
  return { name, policyName, matching, actions: new Set(validationActions), paramRef };
}

function matchingOf({
  resourceRules,
  excludeResourceRules = [],
  matchPolicy,
  namespaceSelector,
  objectSelector,
}: MatchResources): Matching {
  return {
    // why: a binding without rules is about everything that its policy is about
    rules: resourceRules === undefined || resourceRules.length === 0 ? () => true : ruleMatcher(resourceRules),
    excluded: ruleMatcher(excludeResourceRules),
    matchesEquivalent: matchPolicy !== 'Exact',
    namespaces: requirementsOf(namespaceSelector),
    objects: requirementsOf(objectSelector),
  };
}
