import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicySpec, Validation } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../../meta/validate-name.ts';
import { validatingAdmissionPolicies } from '../../resources.ts';
import { ageColumn, column, nameColumn, UNSET } from '../columns.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { defaultMatchResources, requireResourceRules, validateMatchResources } from './match-resources.ts';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const FAILURE_POLICIES = ['Fail', 'Ignore'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

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
    column({ name: 'ParamKind', description: 'The kind of its parameters.' }, ({ spec: { paramKind } }) =>
      paramKind === undefined ? UNSET : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`,
    ),
    ageColumn(),
  ],
};

/** Faults beside those of the expressions, which the server compiles (admissionregistration validation). */
function validateSpec(spec: ValidatingAdmissionPolicySpec, field: string): readonly FieldError[] {
  const { failurePolicy, validations = [], auditAnnotations = [], paramKind } = spec;
  const faults: FieldError[] = [];
  if (failurePolicy !== undefined && !FAILURE_POLICIES.includes(failurePolicy))
    faults.push(notSupported(`${field}.failurePolicy`, failurePolicy, FAILURE_POLICIES));
  faults.push(...validateConstraints(spec, `${field}.matchConstraints`));
  if (validations.length === 0 && auditAnnotations.length === 0)
    faults.push(required(`${field}.validations`, 'validations or auditAnnotations must contain at least one item'));
  if (paramKind !== undefined && [paramKind.apiVersion, paramKind.kind].some((word) => word === undefined || word === ''))
    faults.push(required(`${field}.paramKind`, 'apiVersion and kind are required'));
  return [
    ...faults,
    ...validations.flatMap((each, index) => validateValidation(each, `${field}.validations[${index}]`)),
    ...validateNames(spec, field),
  ];
}

function validateConstraints({ matchConstraints }: ValidatingAdmissionPolicySpec, field: string): readonly FieldError[] {
  if (matchConstraints === undefined) return [required(field)];
  return [...requireResourceRules(matchConstraints, field), ...validateMatchResources(matchConstraints, field)];
}

function validateValidation({ expression, message, reason }: Validation, field: string): readonly FieldError[] {
  const faults: FieldError[] = (expression ?? '').trim() === '' ? [required(`${field}.expression`, 'expression is not specified')] : [];
  if (message?.includes('\n') === true) faults.push(invalid(`${field}.message`, message, 'message must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason)) faults.push(notSupported(`${field}.reason`, reason, REASONS));
  return faults;
}

function validateNames({ variables = [], matchConditions = [] }: ValidatingAdmissionPolicySpec, field: string): readonly FieldError[] {
  const twice = (names: readonly string[], at: string): FieldError[] =>
    names.flatMap((name, index) => (names.indexOf(name) < index ? [duplicate(`${at}[${index}].name`, name)] : []));
  return [
    ...variables.flatMap(({ name }, index) =>
      NAME.test(name) ? [] : [invalid(`${field}.variables[${index}].name`, name, 'name is not a valid CEL identifier')],
    ),
    ...twice(
      variables.map(({ name }) => name),
      `${field}.variables`,
    ),
    ...twice(
      matchConditions.map(({ name }) => name),
      `${field}.matchConditions`,
    ),
  ];
}
