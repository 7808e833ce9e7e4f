import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicySpec, Validation, Variable } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validatingAdmissionPolicies } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { validateMatchConditions } from '../webhooks/match-conditions.ts';
import { defaultMatchResources } from './match-resources.ts';
import { describeParamKind, validatePolicyBasics, validateVariables } from './policy-spec.ts';

const MISSING = ['validations', 'auditAnnotations'];
const MISSING_DETAIL = 'validations or auditAnnotations must contain at least one item';
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
export const validatingAdmissionPolicyKind: KindDefinition<ValidatingAdmissionPolicy> = {
  ...PLAIN_KIND,
  resource: validatingAdmissionPolicies,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  needsVersionForUpdate: true,
  subresources: ['status'],
  metadataKeptByStatus: 'all',
  applyDefaults: (policy) => ({
    ...policy,
    spec: withMember(
      withDefaults<ValidatingAdmissionPolicySpec>(policy.spec, { failurePolicy: 'Fail' }),
      'matchConstraints',
      defaultMatchResources,
    ),
  }),
  prepareForCreate: ({ status: _status, ...policy }) => policy,
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateSpec(spec, 'spec'),
  ],
  columns: [
    nameColumn(),
    column(
      { name: 'Validations', type: 'integer', description: 'The number of its validations.' },
      ({ spec }) => (spec.validations ?? []).length,
    ),
    column({ name: 'ParamKind', description: 'The kind of its parameters.' }, ({ spec }) => describeParamKind(spec.paramKind)),
    ageColumn(),
  ],
};

/** Faults beside those of the expressions, which the server compiles (admissionregistration validation). */
function validateSpec(spec: ValidatingAdmissionPolicySpec, field: string): readonly FieldError[] {
  const { validations = [], auditAnnotations = [], matchConditions = [], variables = [] } = spec;
  return [
    ...validatePolicyBasics(spec, field),
    ...validateMatchConditions(matchConditions, `${field}.matchConditions`),
    ...validateVariables(variables, `${field}.variables`),
    ...validateNames(variables, `${field}.variables`),
    ...(validations.length === 0 && auditAnnotations.length === 0
      ? MISSING.map((name) => required(`${field}.${name}`, MISSING_DETAIL))
      : []),
    ...validations.flatMap((each, index) => validateValidation(each, `${field}.validations[${index}]`)),
  ];
}

function validateValidation({ expression, message, reason }: Validation, field: string): readonly FieldError[] {
  const faults: FieldError[] = (expression ?? '').trim() === '' ? [required(`${field}.expression`, 'expression is not specified')] : [];
  if (message?.includes('\n') === true) faults.push(invalid(`${field}.message`, message, 'message must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason)) faults.push(notSupported(`${field}.reason`, reason, REASONS));
  return faults;
}

function validateNames(variables: readonly Variable[], field: string): readonly FieldError[] {
  const names = variables.map(({ name }) => name);
  return names.flatMap((name, index) => (names.indexOf(name) < index ? [duplicate(`${field}[${index}].name`, name)] : []));
}
