import { parseQuantity } from '#kit/quantity.ts';
import type { ResourceQuota, ResourceQuotaSpec } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../../meta/kind.ts';
import { immutableField, validateMetadata } from '../../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../../meta/validate-name.ts';
import { isStandardQuotaName, QUOTA_SCOPES } from '../../quota/quota-names.ts';
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
    immutableField((next.spec.scopes ?? []).toSorted(), (previous.spec.scopes ?? []).toSorted(), 'spec.scopes'),
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
    return faults;
  });
}

function validateScopes({ scopes = [], scopeSelector }: ResourceQuotaSpec): readonly FieldError[] {
  const faults = scopes.filter((scope) => !QUOTA_SCOPES.includes(scope)).map((scope) => notSupported('spec.scopes', scope, QUOTA_SCOPES));
  if (scopes.includes('BestEffort') && scopes.includes('NotBestEffort')) faults.push(invalid('spec.scopes', scopes, 'conflicting scopes'));
  if (scopes.includes('Terminating') && scopes.includes('NotTerminating'))
    faults.push(invalid('spec.scopes', scopes, 'conflicting scopes'));
  return [
    ...faults,
    ...(scopeSelector?.matchExpressions ?? []).flatMap(({ scopeName, operator, values = [] }, index) =>
      validateScopeRequirement({ scopeName, operator, values }, `spec.scopeSelector.matchExpressions[${index}]`),
    ),
  ];
}

function validateScopeRequirement(
  { scopeName, operator, values }: { readonly scopeName: string; readonly operator: string; readonly values: readonly string[] },
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (!QUOTA_SCOPES.includes(scopeName)) faults.push(notSupported(`${field}.scopeName`, scopeName, QUOTA_SCOPES));
  if (!['In', 'NotIn', 'Exists', 'DoesNotExist'].includes(operator))
    return [...faults, invalid(`${field}.operator`, operator, 'not a valid selector operator')];
  const takesValues = operator === 'In' || operator === 'NotIn';
  if (takesValues && values.length === 0)
    faults.push(required(`${field}.values`, "must be atleast one value when `operator` is 'In' or 'NotIn' for scope selector"));
  if (!takesValues && values.length > 0)
    faults.push(invalid(`${field}.values`, values, "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector"));
  return faults;
}
