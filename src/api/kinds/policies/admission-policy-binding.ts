import type { ValidatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBindingSpec } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validatingAdmissionPolicyBindings } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { defaultMatchResources, validateMatchResources } from './match-resources.ts';
import { describeParamRef, validateParamRef, validatePolicyName } from './param-ref.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding. */
export const validatingAdmissionPolicyBindingKind: KindDefinition<ValidatingAdmissionPolicyBinding> = {
  ...PLAIN_KIND,
  resource: validatingAdmissionPolicyBindings,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  needsVersionForUpdate: true,
  applyDefaults: (binding) => ({
    ...binding,
    spec: withMember(
      withDefaults<ValidatingAdmissionPolicyBindingSpec>(binding.spec, { policyName: '', validationActions: [] }),
      'matchResources',
      defaultMatchResources,
    ),
  }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateSpec(spec, 'spec'),
  ],
  columns: [
    nameColumn(),
    column({ name: 'PolicyName', description: 'The policy that it puts into force.' }, ({ spec }) => spec.policyName),
    column({ name: 'ParamRef', description: 'The parameters that it hands to the policy.' }, ({ spec }) => describeParamRef(spec.paramRef)),
    ageColumn(),
  ],
};

function validateSpec(spec: ValidatingAdmissionPolicyBindingSpec, field: string): readonly FieldError[] {
  const { policyName, validationActions, matchResources } = spec;
  const faults: FieldError[] = [...validatePolicyName(policyName, `${field}.policyName`)];
  if (validationActions.length === 0) faults.push(required(`${field}.validationActions`, 'at least one validation action is required'));
  for (const [index, action] of validationActions.entries()) {
    if (!ACTIONS.includes(action)) faults.push(notSupported(`${field}.validationActions[${index}]`, action, ACTIONS));
    if (validationActions.indexOf(action) < index) faults.push(duplicate(`${field}.validationActions[${index}]`, action));
  }
  if (validationActions.includes('Deny') && validationActions.includes('Warn'))
    faults.push(
      invalid(
        `${field}.validationActions`,
        validationActions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  return [
    ...faults,
    ...validateParamRef(spec.paramRef, `${field}.paramRef`),
    ...(matchResources === undefined ? [] : validateMatchResources(matchResources, `${field}.matchResources`)),
  ];
}
