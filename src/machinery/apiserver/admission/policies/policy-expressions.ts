import type { MatchCondition, MutatingAdmissionPolicy, ParamKind, ValidatingAdmissionPolicy, Variable } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { mutatingAdmissionPolicies, validatingAdmissionPolicies } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { invalid } from '../../status-error.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { compileWanted, conditionDeclarations } from '../expressions.ts';
import { mutationOf } from './mutating/mutating-policy.ts';
import { compileVariables } from './policy-basics.ts';

/** Why trusted: each is asked of its own kind, whose validation passed. */
const CHECKS: ReadonlyMap<string, (policy: KubeObject) => readonly FieldError[]> = new Map([
  [groupResourceOf(validatingAdmissionPolicies), (policy: KubeObject) => faultsOfValidating(trusted<ValidatingAdmissionPolicy>(policy))],
  [groupResourceOf(mutatingAdmissionPolicies), (policy: KubeObject) => faultsOfMutating(trusted<MutatingAdmissionPolicy>(policy))],
]);

/** Refuses policies with expressions that can't be compiled; what was stored before is not looked at again. */
export const policyExpressions: AdmissionPlugin = {
  name: 'PolicyExpressions',
  validate({ kind, object, previous, key }) {
    const check = CHECKS.get(groupResourceOf(kind.resource));
    if (object === undefined || check === undefined || isUnchanged(object, previous)) return;
    const faults = check(object);
    if (faults.length > 0) throw invalid(kind.resource, key.name, faults);
  },
};

function isUnchanged(object: KubeObject, previous: KubeObject | undefined): boolean {
  return previous !== undefined && deepEqual(specOf(object), specOf(previous));
}

function specOf(policy: KubeObject): unknown {
  return trusted<{ readonly spec: unknown }>(policy).spec;
}

function faultsOfValidating({ spec }: ValidatingAdmissionPolicy): readonly FieldError[] {
  const { validations = [], auditAnnotations = [] } = spec;
  const { declarations } = compileVariables(spec);
  const check = (text: string | undefined, type: 'bool' | 'string' | 'dyn', field: string): readonly FieldError[] => {
    if (text === undefined) return [];
    const compiled = compileWanted(text, type, declarations);
    return compiled.ok ? [] : [invalidField(`spec.${field}`, text, compiled.error)];
  };
  return [
    ...faultsOfBasics(spec),
    ...validations.flatMap(({ expression, messageExpression }, index) => [
      ...check(expression, 'bool', `validations[${index}].expression`),
      ...check(messageExpression, 'string', `validations[${index}].messageExpression`),
    ]),
    ...auditAnnotations.flatMap(({ valueExpression }, index) =>
      check(valueExpression, 'dyn', `auditAnnotations[${index}].valueExpression`),
    ),
  ];
}

function faultsOfMutating({ spec }: MutatingAdmissionPolicy): readonly FieldError[] {
  const { mutations = [] } = spec;
  const { declarations } = compileVariables(spec);
  return [
    ...faultsOfBasics(spec),
    ...mutations.flatMap((source, index) => {
      const made = mutationOf(source, declarations);
      if (made === undefined || made.expression.ok) return [];
      const field = made.patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
      return [invalidField(`spec.mutations[${index}].${field}.expression`, made.text.trim(), made.expression.error)];
    }),
  ];
}

interface Basics {
  readonly paramKind?: ParamKind | undefined;
  readonly variables?: readonly Variable[] | undefined;
  readonly matchConditions?: readonly MatchCondition[] | undefined;
}

/** Faults of variables and conditions; conditions know no variables when they are defined (admissionregistration validation `validateMatchConditionsExpression`). */
function faultsOfBasics(spec: Basics): readonly FieldError[] {
  const { matchConditions = [], variables = [], paramKind } = spec;
  const declarations = conditionDeclarations(paramKind !== undefined);
  return [
    ...compileVariables(spec).variables.flatMap(({ expression }, index) =>
      expression.ok ? [] : [invalidField(`spec.variables[${index}].expression`, variables[index]?.expression, expression.error)],
    ),
    ...matchConditions.flatMap(({ expression }, index) => {
      const compiled = compileWanted(expression, 'bool', declarations);
      return compiled.ok ? [] : [invalidField(`spec.matchConditions[${index}].expression`, expression, compiled.error)];
    }),
  ];
}
