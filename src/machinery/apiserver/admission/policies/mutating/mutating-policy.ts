import type { MutatingAdmissionPolicy, Mutation as Source } from '#api/generated/kubernetes.ts';
import type { Result } from '#kit/errors.ts';
import type { Declarations } from '../../../cel/check/checker.ts';
import type { Expression } from '../../../cel/expression.ts';
import { compileMutation, mutationDeclarations, type PatchType } from '../../expressions.ts';
import { type PolicyBasics, policyBasics } from '../policy-basics.ts';

/** A mutation of a policy, compiled. */
export interface Mutation {
  readonly patchType: PatchType;
  readonly text: string;
  readonly expression: Result<Expression>;
}

/** A policy that mutates, taken apart once. */
export interface MutatingPolicy extends PolicyBasics {
  readonly mutations: readonly Mutation[];
  /** Asked once more where something changed the object after it. */
  readonly isReinvoked: boolean;
}

/** A stored policy. */
export function mutatingPolicyOf(source: MutatingAdmissionPolicy): MutatingPolicy {
  const { mutations = [], reinvocationPolicy } = source.spec;
  const { basics, declarations } = policyBasics(source);
  return {
    ...basics,
    mutations: mutations.flatMap((mutation) => mutationOf(mutation, declarations) ?? []),
    isReinvoked: reinvocationPolicy === 'IfNeeded',
  };
}

/** A mutation with its expression compiled; undefined where it has none. `declarations` = what the expressions of its policy may name. */
export function mutationOf({ patchType, applyConfiguration, jsonPatch }: Source, declarations: Declarations): Mutation | undefined {
  const isJsonPatch = patchType === 'JSONPatch';
  const text = (isJsonPatch ? jsonPatch : applyConfiguration)?.expression;
  if (text === undefined) return undefined;
  const type = isJsonPatch ? 'JSONPatch' : 'ApplyConfiguration';
  return { patchType: type, text, expression: compileMutation(text, type, mutationDeclarations(declarations)) };
}
