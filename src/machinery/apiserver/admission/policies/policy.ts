import type { MatchResources, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/kubernetes.ts';
import type { Result } from '#kit/errors.ts';
import { DYN, type Type } from '../../cel/check/types.ts';
import type { Declarations } from '../../cel/check/checker.ts';
import type { Expression } from '../../cel/expression.ts';
import { compileWanted, policyDeclarations } from '../expressions.ts';
import { compileConditions, type MatchCondition } from '../webhooks/match-conditions.ts';
import { ruleMatcher } from '../webhooks/rule-matcher.ts';
import { type Matching, requirementsOf } from '../webhooks/webhook-matching.ts';

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
  readonly variables: readonly PolicyVariable[];
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

/** A variable of a policy, compiled, and what those behind it may name. */
export interface PolicyVariable {
  readonly name: string;
  readonly expression: Result<Expression>;
}

/** The variables of a policy, each seeing those before it, and what all other expressions may name. */
export function compileVariables({ variables = [], paramKind }: ValidatingAdmissionPolicy['spec']): {
  readonly variables: readonly PolicyVariable[];
  readonly declarations: Declarations;
} {
  const types = new Map<string, Type>();
  const compiled = variables.map(({ name, expression: text }) => {
    const expression = compileWanted(text, 'dyn', policyDeclarations(paramKind !== undefined, new Map(types)));
    types.set(name, expression.ok ? expression.value.checked.type : DYN);
    return { name, expression };
  });
  return { variables: compiled, declarations: policyDeclarations(paramKind !== undefined, types) };
}

/** A stored policy. */
export function policyOf({ metadata: { name }, spec }: ValidatingAdmissionPolicy): Policy {
  const { validations = [], matchConditions = [], auditAnnotations = [], matchConstraints = {} } = spec;
  const { variables, declarations } = compileVariables(spec);
  return {
    ...matchingOf(matchConstraints),
    name,
    ignoresFaults: spec.failurePolicy === 'Ignore',
    paramKind: spec.paramKind,
    conditions: compileConditions(matchConditions, declarations),
    variables,
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
