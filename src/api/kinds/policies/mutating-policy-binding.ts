import type { MutatingAdmissionPolicyBinding, MutatingAdmissionPolicyBindingSpec } from '../../generated/kubernetes.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { mutatingAdmissionPolicyBindings } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { defaultMatchResources, validateMatchResources, validateMutatingOperations } from './match-resources.ts';
import { describeParamRef, validateParamRef, validatePolicyName } from './param-ref.ts';

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding. */
export const mutatingAdmissionPolicyBindingKind: KindDefinition<MutatingAdmissionPolicyBinding> = {
  ...PLAIN_KIND,
  resource: mutatingAdmissionPolicyBindings,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  needsVersionForUpdate: true,
  applyDefaults: (binding) => ({ ...binding, spec: withMember(binding.spec ?? {}, 'matchResources', defaultMatchResources) }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateSpec(spec, 'spec'),
  ],
  columns: [
    nameColumn(),
    column({ name: 'PolicyName', description: 'The policy that it puts into force.' }, ({ spec }) => spec.policyName ?? ''),
    column({ name: 'ParamRef', description: 'The parameters that it hands to the policy.' }, ({ spec }) => describeParamRef(spec.paramRef)),
    ageColumn(),
  ],
};

function validateSpec(
  { policyName = '', paramRef, matchResources }: MutatingAdmissionPolicyBindingSpec,
  field: string,
): readonly FieldError[] {
  return [
    ...validatePolicyName(policyName, `${field}.policyName`),
    ...validateParamRef(paramRef, `${field}.paramRef`),
    ...(matchResources === undefined ? [] : validateMatchResources(matchResources, `${field}.matchResources`)),
    ...validateMutatingOperations(matchResources, `${field}.matchResources`),
  ];
}
