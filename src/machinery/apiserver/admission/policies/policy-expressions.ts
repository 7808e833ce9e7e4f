import type { MatchCondition, MutatingAdmissionPolicy, ParamKind, ValidatingAdmissionPolicy, Variable } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { mutatingAdmissionPolicies, validatingAdmissionPolicies } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { invalid } from '../../contract/status-error.ts';
import type { Declarations } from '../../cel/check/checker.ts';
import type { AdmissionPlugin } from '../../contract/admission.ts';
import { compileExactly, conditionDeclarations, withoutAuthorizer } from '../expressions.ts';
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
  const forMessages = withoutAuthorizer(declarations);
  return [
    ...faultsOfBasics(spec),
    ...validations.flatMap(({ expression, messageExpression = '' }, index) => {
      const field = `spec.validations[${index}]`;
      const ofMessage =
        messageExpression.trim() === '' ? [] : faultOf(`${field}.messageExpression`, messageExpression, [['string'], forMessages]);
      return [...faultOf(`${field}.expression`, expression, [['bool'], declarations]), ...ofMessage];
    }),
    ...auditAnnotations.flatMap(({ valueExpression }, index) =>
      faultOf(`spec.auditAnnotations[${index}].valueExpression`, valueExpression, [['string', 'null_type'], declarations]),
    ),
  ];
}

type Wanted = readonly [Parameters<typeof compileExactly>[1], Declarations];

function faultOf(field: string, text: string, [wanted, declarations]: Wanted): readonly FieldError[] {
  const compiled = compileExactly(text, wanted, declarations);
  return compiled.ok ? [] : [invalidField(field, text, compiled.error)];
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
    ...matchConditions.flatMap(({ expression }, index) =>
      faultOf(`spec.matchConditions[${index}].expression`, expression.trim(), [['bool'], declarations]),
    ),
  ];
}
