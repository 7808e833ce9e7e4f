import type { MutatingAdmissionPolicy, MutatingAdmissionPolicySpec, Mutation } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { mutatingAdmissionPolicies } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withAbsent, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { validateMatchConditions } from '../webhooks/match-conditions.ts';
import { defaultMatchResources, validateMutatingOperations } from './match-resources.ts';
import { describeParamKind, validatePolicyBasics, validateVariables } from './policy-spec.ts';

const REINVOCATION_POLICIES = ['IfNeeded', 'Never'];
/** The field that each type of patch stands in. */
const PATCHES = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicy. */
export const mutatingAdmissionPolicyKind: KindDefinition<MutatingAdmissionPolicy> = {
  ...PLAIN_KIND,
  resource: mutatingAdmissionPolicies,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  needsVersionForUpdate: true,
  applyDefaults: (policy) => ({
    ...policy,
    spec: withMember(
      withAbsent<MutatingAdmissionPolicySpec>(policy.spec, { failurePolicy: 'Fail' }),
      'matchConstraints',
      defaultMatchResources,
    ),
  }),
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateSpec(spec, 'spec'),
  ],
  columns: [
    nameColumn(),
    column(
      { name: 'Mutations', type: 'integer', description: 'The number of its mutations.' },
      ({ spec }) => (spec.mutations ?? []).length,
    ),
    column({ name: 'ParamKind', description: 'The kind of its parameters.' }, ({ spec }) => describeParamKind(spec.paramKind)),
    ageColumn(),
  ],
};

/** Faults beside those of the expressions, which the server compiles (admissionregistration validation). */
function validateSpec(spec: MutatingAdmissionPolicySpec, field: string): readonly FieldError[] {
  const { matchConstraints, matchConditions = [], variables = [], mutations = [], reinvocationPolicy = '' } = spec;
  return [
    ...validatePolicyBasics(spec, field),
    ...validateMutatingOperations(matchConstraints, `${field}.matchConstraints`),
    ...validateMatchConditions(matchConditions, `${field}.matchConditions`),
    ...validateVariables(variables, `${field}.variables`),
    ...(mutations.length === 0 ? [required(`${field}.mutations`, 'mutations must contain at least one item')] : []),
    ...mutations.flatMap((mutation, index) => validateMutation(mutation, `${field}.mutations[${index}]`)),
    ...validateReinvocation(reinvocationPolicy, `${field}.reinvocationPolicy`),
  ];
}

function validateReinvocation(policy: string, field: string): readonly FieldError[] {
  if (policy === '') return [required(field)];
  return REINVOCATION_POLICIES.includes(policy) ? [] : [notSupported(field, policy, REINVOCATION_POLICIES)];
}

function validateMutation(mutation: Partial<Mutation>, field: string): readonly FieldError[] {
  const { patchType } = mutation;
  if (patchType === undefined || patchType === '') return [required(`${field}.patchType`)];
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch')
    return [notSupported(`${field}.patchType`, patchType, Object.keys(PATCHES))];
  const own = PATCHES[patchType];
  const other = patchType === 'JSONPatch' ? PATCHES.ApplyConfiguration : PATCHES.JSONPatch;
  const faults: FieldError[] = [];
  if (mutation[own] === undefined) faults.push(required(`${field}.${own}`, `must be specified when patchType is ${patchType}`));
  else if ((mutation[own].expression ?? '').trim() === '') faults.push(required(`${field}.${own}.expression`));
  if (mutation[other] !== undefined)
    faults.push(invalid(`${field}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`));
  return faults;
}
