import type { ValidatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { validatingAdmissionPolicies } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { invalid } from '../../status-error.ts';
import type { AdmissionPlugin } from '../admission.ts';
import { compileWanted } from '../expressions.ts';
import { compileVariables } from './policy.ts';

/** Refuses policies with expressions that can't be compiled; what was stored before is not looked at again. */
export const policyExpressions: AdmissionPlugin = {
  name: 'PolicyExpressions',
  validate({ kind, object, previous, key }) {
    if (object === undefined || groupResourceOf(kind.resource) !== groupResourceOf(validatingAdmissionPolicies)) return;
    // why trusted: it is of this kind, and its validation passed
    const { spec } = trusted<ValidatingAdmissionPolicy>(object);
    if (previous !== undefined && deepEqual(trusted<ValidatingAdmissionPolicy>(previous).spec, spec)) return;
    const faults = faultsOf(spec);
    if (faults.length > 0) throw invalid(kind.resource, key.name, faults);
  },
};

function faultsOf(spec: ValidatingAdmissionPolicy['spec']): readonly FieldError[] {
  const { validations = [], matchConditions = [], auditAnnotations = [] } = spec;
  const { variables, declarations } = compileVariables(spec);
  const check = (text: string | undefined, type: 'bool' | 'string' | 'dyn', field: string): readonly FieldError[] => {
    if (text === undefined) return [];
    const compiled = compileWanted(text, type, declarations);
    return compiled.ok ? [] : [invalidField(`spec.${field}`, text, compiled.error)];
  };
  return [
    ...variables.flatMap(({ expression }, index) =>
      expression.ok ? [] : [invalidField(`spec.variables[${index}].expression`, spec.variables?.[index]?.expression, expression.error)],
    ),
    ...matchConditions.flatMap(({ expression }, index) => check(expression, 'bool', `matchConditions[${index}].expression`)),
    ...validations.flatMap(({ expression, messageExpression }, index) => [
      ...check(expression, 'bool', `validations[${index}].expression`),
      ...check(messageExpression, 'string', `validations[${index}].messageExpression`),
    ]),
    ...auditAnnotations.flatMap(({ valueExpression }, index) =>
      check(valueExpression, 'dyn', `auditAnnotations[${index}].valueExpression`),
    ),
  ];
}
