import type { AuditAnnotation, ValidatingAdmissionPolicy, ValidatingAdmissionPolicySpec, Validation } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { validatingAdmissionPolicies } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withAbsent, withMember } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';
import { validateMatchConditions } from '../webhooks/match-conditions.ts';
import { defaultMatchResources } from './match-resources.ts';
import { describeParamKind, validatePolicyBasics, validateVariables } from './policy-spec.ts';

const MISSING = ['validations', 'auditAnnotations'];
const MISSING_DETAIL = 'validations or auditAnnotations must contain at least one item';
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_ANNOTATIONS = 20;
/** Longest expression of an annotation, in bytes. */
const MAX_ANNOTATION_BYTES = 5 * 1024;

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
      withAbsent<ValidatingAdmissionPolicySpec>(policy.spec, { failurePolicy: 'Fail' }),
      'matchConstraints',
      defaultMatchResources,
    ),
  }),
  prepareForCreate: ({ status: _status, ...policy }) => policy,
  validate: ({ metadata, spec }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateSpec(spec, 'spec'),
    ...validateAnnotations(spec.auditAnnotations ?? [], metadata.name, 'spec.auditAnnotations'),
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
    ...(validations.length === 0 && auditAnnotations.length === 0
      ? MISSING.map((name) => required(`${field}.${name}`, MISSING_DETAIL))
      : []),
    ...validations.flatMap((each, index) => validateValidation(each, `${field}.validations[${index}]`)),
  ];
}

function validateValidation(
  { expression = '', message, messageExpression, reason }: Partial<Validation>,
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = expression.trim() === '' ? [required(`${field}.expression`, 'expression is not specified')] : [];
  if (isBlank(messageExpression)) faults.push(invalid(`${field}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  if (isBlank(message)) faults.push(invalid(`${field}.message`, message, 'must be non-empty if specified'));
  else if (/[\r\n]/.test((message ?? '').trim())) faults.push(invalid(`${field}.message`, message, 'must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason)) faults.push(notSupported(`${field}.reason`, reason, REASONS));
  return faults;
}

/** True for a text of blanks; one that is empty counts as absent. */
function isBlank(text: string | undefined): boolean {
  return text !== undefined && text !== '' && text.trim() === '';
}

function validateAnnotations(annotations: readonly Partial<AuditAnnotation>[], policy: string, field: string): readonly FieldError[] {
  const keys = annotations.map(({ key = '' }) => key);
  return [
    ...(annotations.length > MAX_ANNOTATIONS
      ? [invalid(field, annotations, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`)]
      : []),
    // why only those: a list that is too long is told once, not item by item
    ...annotations.slice(0, MAX_ANNOTATIONS).flatMap(({ key = '', valueExpression = '' }, index) => {
      const at = `${field}[${index}]`;
      const name = `${policy}/${key}`;
      const faults: FieldError[] = qualifiedName(name).map((fault) => invalid(`${at}.key`, name, fault));
      if (keys.indexOf(key) < index) faults.push(duplicate(`${at}.key`, key));
      return [...faults, ...validateValue(valueExpression.trim(), `${at}.valueExpression`)];
    }),
  ];
}

function validateValue(expression: string, field: string): readonly FieldError[] {
  if (expression === '') return [required(field, 'valueExpression is not specified')];
  const isTooLong = new TextEncoder().encode(expression).length > MAX_ANNOTATION_BYTES;
  return isTooLong ? [required(field, `must not exceed ${MAX_ANNOTATION_BYTES} bytes in length`)] : [];
}
