import { invalid } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { qualifiedName } from '../../meta/validate-name.ts';
import { isStandardQuotaName } from '../../quota/quota-names.ts';

/** Names that the domain of Kubernetes stands before (core helper `IsNativeResource`). */
const NATIVE_DOMAIN = 'kubernetes.io/';
/** What stands before an extended resource in a quota. */
const QUOTA_PREFIX = 'requests.';

/** Faults of the name of a resource at `field` (core validation `validateResourceName`). */
export function resourceName(name: string, field: string): readonly FieldError[] {
  const faults = qualifiedName(name).map((fault) => invalid(field, name, fault));
  if (faults.length > 0 || name.includes('/') || name === 'storage' || isStandardQuotaName(name)) return faults;
  return [invalid(field, name, 'must be a standard resource type or fully qualified')];
}

/** Faults of the name of a resource that a container can ask for (core validation `validateContainerResourceName`). */
export function containerResourceName(name: string, field: string): readonly FieldError[] {
  const faults = resourceName(name, field);
  if (!name.includes('/'))
    return isOfContainers(name) ? faults : [...faults, invalid(field, name, 'must be a standard resource for containers')];
  if (name.includes(NATIVE_DOMAIN) || isExtended(name)) return faults;
  return [...faults, invalid(field, name, "doesn't follow extended resource name standard")];
}

function isOfContainers(name: string): boolean {
  return ['cpu', 'memory', 'ephemeral-storage'].includes(name) || name.startsWith('hugepages-');
}

function isExtended(name: string): boolean {
  return !name.startsWith(QUOTA_PREFIX) && qualifiedName(`${QUOTA_PREFIX}${name}`).length === 0;
}
