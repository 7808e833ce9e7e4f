import type { Lease } from '../generated/kubernetes.ts';
import { invalid } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { leases } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

/** coordination.k8s.io/v1 Lease. */
export const leaseKind: KindDefinition<Lease> = {
  resource: leases,
  schema: 'io.k8s.api.coordination.v1.Lease',
  needsVersionForUpdate: true,
  subresources: [],
  applyDefaults: (lease) => lease,
  prepareForCreate: (lease) => lease,
  validate,
  validateUpdate: () => [],
  selectableFields: {},
  columns: [
    nameColumn(),
    column({ name: 'Holder', description: 'Who holds the lease.' }, (lease) => lease.spec?.holderIdentity ?? ''),
    ageColumn(),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function validate(lease: Lease): readonly FieldError[] {
  const { leaseDurationSeconds, leaseTransitions } = lease.spec ?? {};
  // an empty holderIdentity is how client-go gives a lease back
  const faults = [...validateMetadata(lease.metadata, { isNamespaced: true, name: dns1123Subdomain })];
  if (leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0)
    faults.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'));
  if (leaseTransitions !== undefined && leaseTransitions < 0)
    faults.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'));
  return faults;
}
