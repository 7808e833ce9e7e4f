import type { ParamRef } from '../../generated/kubernetes.ts';
import { forbidden, invalid, notSupported, required } from '../../meta/field-error.ts';
import { formatLabelSelector } from '../../meta/format-selector.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { dns1123Subdomain, pathSegment } from '../../meta/validate-name.ts';
import { UNSET } from '../columns.ts';

const NOT_FOUND_ACTIONS = ['Deny', 'Allow'];

/** Faults of the policy that a binding names. */
export function validatePolicyName(policyName: string, field: string): readonly FieldError[] {
  return policyName === '' ? [required(field)] : dns1123Subdomain(policyName).map((fault) => invalid(field, policyName, fault));
}

/** Faults of the parameters that a binding names (admissionregistration validation `validateParamRef`). */
export function validateParamRef(ref: ParamRef | undefined, field: string): readonly FieldError[] {
  if (ref === undefined) return [];
  const { name = '', selector, parameterNotFoundAction = '' } = ref;
  const faults: FieldError[] = name === '' ? [] : pathSegment(name).map((fault) => invalid(`${field}.name`, name, fault));
  if (selector !== undefined) faults.push(...validateLabelSelector(selector, `${field}.selector`));
  if (name !== '' && selector !== undefined)
    for (const either of ['name', 'selector']) faults.push(forbidden(`${field}.${either}`, 'name and selector are mutually exclusive'));
  if (name === '' && selector === undefined) faults.push(required(field, 'one of name or selector must be specified'));
  return [...faults, ...validateAction(parameterNotFoundAction, `${field}.parameterNotFoundAction`)];
}

function validateAction(action: string, field: string): readonly FieldError[] {
  if (action === '') return [required(field)];
  return NOT_FOUND_ACTIONS.includes(action) ? [] : [notSupported(field, action, NOT_FOUND_ACTIONS)];
}

/** The parameters of a binding, for tables. */
export function describeParamRef(ref: ParamRef | undefined): string {
  if (ref === undefined) return UNSET;
  const { namespace = '', name = '', selector } = ref;
  if (name !== '') return `${namespace === '' ? '*' : namespace}/${name}`;
  return selector === undefined ? UNSET : formatLabelSelector(selector);
}
