import { compareQuantity, parseQuantity, type Quantity, roundUpQuantity } from '#kit/quantity.ts';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../generated/kubernetes.ts';
import { invalid, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { isCountedInScope, isCountedQuotaName, isStandardQuotaName, QUOTA_SCOPES } from '../../quota/quota-names.ts';
import { resourceQuotas } from '../../resources.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { withDefaults } from '../defaulting.ts';
import { PLAIN_KIND } from '../plain-kind.ts';

/** core/v1 ResourceQuota. */
export const resourceQuotaKind: KindDefinition<ResourceQuota> = {
  ...PLAIN_KIND,
  resource: resourceQuotas,
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  subresources: ['status'],
  applyDefaults: (quota) => ({ ...quota, spec: withDefaults(quota.spec, {}) }),
  prepareForCreate: (quota) => ({ ...quota, status: {} }),
  validate: ({ metadata, spec, status }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateAmounts(spec.hard, 'spec.hard'),
    ...validateScopes(spec),
    ...validateAmounts(status?.hard, 'status.hard'),
    ...validateAmounts(status?.used, 'status.used'),
  ],
  validateUpdate: (next, previous) =>
    immutableField([...new Set(next.spec.scopes)].toSorted(), [...new Set(previous.spec.scopes)].toSorted(), 'spec.scopes'),
  columns: [
    nameColumn(),
    column({ name: 'Request', description: 'What is used, of what may be requested.' }, (quota) => usage(quota, (name) => !isLimit(name))),
    column({ name: 'Limit', description: 'What is used, of what limits may add up to.' }, (quota) => usage(quota, isLimit)),
    ageColumn(),
  ],
};

function isLimit(name: string): boolean {
  return name.startsWith('limits.');
}

function usage({ status }: ResourceQuota, isShown: (name: string) => boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  return Object.keys(hard)
    .filter(isShown)
    .toSorted()
    .map((name) => `${name}: ${used[name] ?? '0'}/${hard[name]}`)
    .join(', ');
}

/** Core validation `ValidateResourceQuotaResourceName` and `ValidateResourceQuantityValue`. */
function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, field: string): readonly FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const at = `${field}[${name}]`;
    const faults = qualifiedName(name).map((fault) => invalid(at, name, fault));
    if (faults.length === 0 && !name.includes('/') && !isStandardQuotaName(name))
      faults.push(invalid(at, name, 'must be a standard resource for quota'));
    const parsed = parseQuantity(amount);
    if (!parsed.ok) faults.push(invalid(at, amount, parsed.error));
    else if (parsed.value.mantissa < 0n) faults.push(invalid(at, amount, 'must be greater than or equal to 0'));
    if (parsed.ok && isCountedQuotaName(name) && !isWhole(parsed.value)) faults.push(invalid(at, amount, 'must be an integer'));
    return faults;
  });
}

function isWhole(amount: Quantity): boolean {
  return compareQuantity(amount, roundUpQuantity(amount, 0)) === 0;
}

function validateScopes({ hard = {}, scopes = [], scopeSelector }: ResourceQuotaSpec): readonly FieldError[] {
  const names = Object.keys(hard).toSorted();
  const at = 'spec.scopeSelector.matchExpressions';
  const requirements = scopeSelector?.matchExpressions ?? [];
  const uncounted = (scope: string, field: string, value: unknown): readonly FieldError[] =>
    names
      .filter((name) => !isCountedInScope(scope, name))
      .map((name) => invalid(field, value, `unsupported scope applied to resource: ${scope} counts no ${name}`));
  return [
    ...scopes.flatMap((scope) => [...validateScope(scope, scopes, 'spec.scopes'), ...uncounted(scope, 'spec.scopes', scopes)]),
    ...validatePairs(scopes, 'spec.scopes'),
    ...requirements.flatMap((requirement) => [
      ...validateScope(requirement.scopeName, requirement.scopeName, `${at}.scopeName`),
      ...uncounted(requirement.scopeName, at, scopeSelector),
      ...validateRequirement(requirement, at),
    ]),
    ...validatePairs(
      requirements.map(({ scopeName }) => scopeName),
      at,
    ),
  ];
}

function validateScope(scope: string, value: unknown, field: string): readonly FieldError[] {
  return QUOTA_SCOPES.includes(scope) ? [] : [invalid(field, value, `unsupported scope: write one of ${QUOTA_SCOPES.join(', ')}`)];
}

function validatePairs(scopes: readonly string[], field: string): readonly FieldError[] {
  const pairs = [
    ['BestEffort', 'NotBestEffort'],
    ['Terminating', 'NotTerminating'],
  ];
  return pairs.filter((pair) => pair.every((scope) => scopes.includes(scope))).map(() => invalid(field, scopes, 'conflicting scopes'));
}

/** Scopes that are asked for with a class of their own. */
const WITH_VALUES = ['PriorityClass', 'VolumeAttributesClass'];

function validateRequirement(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (QUOTA_SCOPES.includes(scopeName) && !WITH_VALUES.includes(scopeName) && operator !== 'Exists')
    faults.push(invalid(`${field}.operator`, operator, `must be 'Exists' when scope is ${scopeName}`));
  if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator))
    return [...faults, invalid(`${field}.operator`, operator, 'not a valid selector operator')];
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0)
    faults.push(required(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
  if (!takesValues && values.length > 0)
    faults.push(invalid(`${field}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
  return faults;
}
