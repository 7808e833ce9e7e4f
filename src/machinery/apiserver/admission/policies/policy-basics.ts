import type { MatchCondition as ConditionSource, MatchResources, ParamKind, ParamRef, Variable } from '#api/generated/kubernetes.ts';
import type { Result } from '#kit/errors.ts';
import type { Declarations } from '../../cel/check/checker.ts';
import { DYN, type Type } from '../../cel/check/types.ts';
import type { Expression } from '../../cel/expression.ts';
import { compileWanted, policyDeclarations } from '../expressions.ts';
import { compileConditions, type MatchCondition } from '../webhooks/match-conditions.ts';
import { resourceMatcher, ruleMatcher } from '../webhooks/rule-matcher.ts';
import { type Matching, requirementsOf } from '../webhooks/webhook-matching.ts';

/** A variable of a policy, compiled. */
export interface PolicyVariable {
  readonly name: string;
  readonly expression: Result<Expression>;
}

/** What policies that validate and policies that mutate have in common, taken apart once. */
export interface PolicyBasics extends Matching {
  readonly name: string;
  /** False for resources that its rules can't be about, whatever the object is. */
  readonly mayConcern: ReturnType<typeof resourceMatcher>;
  readonly ignoresFaults: boolean;
  readonly paramKind: ParamKind | undefined;
  readonly conditions: readonly MatchCondition[];
  readonly variables: readonly PolicyVariable[];
}

/** What puts a policy into force, taken apart once. */
export interface PolicyBinding {
  readonly name: string;
  readonly policyName: string;
  /** Absent = whatever the policy is about. */
  readonly matching: Matching | undefined;
  /** Of policies that validate: what happens where they are broken. */
  readonly actions: ReadonlySet<string>;
  readonly paramRef: ParamRef | undefined;
}

interface PolicySource {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly failurePolicy?: string | undefined;
    readonly paramKind?: ParamKind | undefined;
    readonly matchConstraints?: MatchResources | undefined;
    readonly matchConditions?: readonly ConditionSource[] | undefined;
    readonly variables?: readonly Variable[] | undefined;
  };
}

interface BindingSource {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly policyName?: string | undefined;
    readonly matchResources?: MatchResources | undefined;
    readonly validationActions?: readonly string[] | undefined;
    readonly paramRef?: ParamRef | undefined;
  };
}

/** The variables of a policy, each seeing those before it, and what all other expressions may name. */
export function compileVariables({ variables = [], paramKind }: Pick<PolicySource['spec'], 'variables' | 'paramKind'>): {
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

/** What a stored policy shares with others, and what its own expressions may name. */
export function policyBasics({ metadata: { name }, spec }: PolicySource): {
  readonly basics: PolicyBasics;
  readonly declarations: Declarations;
} {
  const { matchConditions = [], matchConstraints = {}, paramKind, failurePolicy } = spec;
  const { variables, declarations } = compileVariables(spec);
  const basics = {
    ...matchingOf(matchConstraints),
    name,
    mayConcern: resourceMatcher(matchConstraints.resourceRules ?? []),
    ignoresFaults: failurePolicy === 'Ignore',
    paramKind,
    conditions: compileConditions(matchConditions, declarations),
    variables,
  };
  return { basics, declarations };
}

/** A stored binding. */
export function bindingOf({ metadata: { name }, spec }: BindingSource): PolicyBinding {
  const { policyName = '', matchResources, validationActions, paramRef } = spec;
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
