import type { MatchResources, ParamKind, Variable } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { dns1035Label, dns1123Subdomain } from '../../meta/validate-name.ts';
import { UNSET } from '../columns.ts';
import { requireResourceRules, validateMatchResources } from './match-resources.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Words of CEL that can't be names (cel-spec, "Syntax"). */
const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

/** What policies that validate and policies that mutate have in common. */
interface PolicySpec {
  readonly failurePolicy?: string | undefined;
  readonly paramKind?: ParamKind | undefined;
  readonly matchConstraints?: MatchResources | undefined;
}

/** Faults of what all policies have: what becomes of faults, parameters, what it is about (admissionregistration validation). */
export function validatePolicyBasics({ failurePolicy, paramKind, matchConstraints }: PolicySpec, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (failurePolicy !== undefined && !FAILURE_POLICIES.includes(failurePolicy))
    faults.push(notSupported(`${field}.failurePolicy`, failurePolicy, FAILURE_POLICIES));
  if (paramKind !== undefined) faults.push(...validateParamKind(paramKind, `${field}.paramKind`));
  if (matchConstraints === undefined) return [...faults, required(`${field}.matchConstraints`)];
  const at = `${field}.matchConstraints`;
  return [...faults, ...validateMatchResources(matchConstraints, at), ...requireResourceRules(matchConstraints, at)];
}

/** Faults of the names of variables; their expressions are compiled by the server. */
export function validateVariables(variables: readonly Partial<Variable>[], field: string): readonly FieldError[] {
  return variables.flatMap(({ name = '', expression = '' }, index) => {
    const at = `${field}[${index}]`;
    const faults: FieldError[] = [];
    if (name.trim() === '') faults.push(required(`${at}.name`, 'name is not specified'));
    else if (!NAME.test(name) || RESERVED.has(name)) faults.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'));
    if (expression.trim() === '') faults.push(required(`${at}.expression`, 'expression is not specified'));
    return faults;
  });
}

/** The kind of a policy's parameters, for tables. */
export function describeParamKind(paramKind: ParamKind | undefined): string {
  return paramKind === undefined ? UNSET : `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}`;
}

function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, field: string): readonly FieldError[] {
  return [...validateVersion(apiVersion, `${field}.apiVersion`), ...validateKindName(kind, `${field}.kind`)];
}

function validateVersion(apiVersion: string, field: string): readonly FieldError[] {
  if (apiVersion === '') return [required(field)];
  const parts = apiVersion === '/' ? [''] : apiVersion.split('/');
  if (parts.length > 2) return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)];
  const [group = '', version = ''] = parts.length === 2 ? parts : ['', ...parts];
  const ofGroup = group === '' ? [] : dns1123Subdomain(group);
  const ofVersion = version === '' ? [] : dns1035Label(version);
  return [
    ...(ofGroup.length === 0 ? [] : [invalid(field, group, ofGroup.join(','))]),
    ...(version === '' ? [invalid(field, apiVersion, 'version must be specified')] : []),
    ...(ofVersion.length === 0 ? [] : [invalid(field, version, ofVersion.join(','))]),
  ];
}

function validateKindName(kind: string, field: string): readonly FieldError[] {
  if (kind === '') return [required(field)];
  const faults = dns1035Label(kind.toLowerCase());
  return faults.length === 0 ? [] : [invalid(field, kind, `may have mixed case, but should otherwise match: ${faults.join(',')}`)];
}
