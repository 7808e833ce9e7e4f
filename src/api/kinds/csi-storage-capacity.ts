import type { CSIStorageCapacity } from '../generated/kubernetes.ts';
import { parseQuantity } from '#kit/quantity.ts';
import { invalid, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateLabelSelector } from '../meta/validate-label-selector.ts';
import { immutableField, validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { csiStorageCapacities } from '../resources.ts';
import { column, nameColumn } from './columns.ts';
import { PLAIN_KIND } from './plain-kind.ts';

/** storage.k8s.io/v1 CSIStorageCapacity. */
export const csiStorageCapacityKind: KindDefinition<CSIStorageCapacity> = {
  ...PLAIN_KIND,
  resource: csiStorageCapacities,
  schema: 'io.k8s.api.storage.v1.CSIStorageCapacity',
  needsVersionForUpdate: true,
  validate: ({ metadata, storageClassName, nodeTopology, capacity, maximumVolumeSize }) => [
    ...validateMetadata(metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateClass(storageClassName),
    ...(nodeTopology === undefined ? [] : validateLabelSelector(nodeTopology, 'nodeTopology')),
    ...validateSize(capacity, 'capacity'),
    ...validateSize(maximumVolumeSize, 'maximumVolumeSize'),
  ],
  validateUpdate: (next, previous) => [
    ...immutableField(next.nodeTopology, previous.nodeTopology, 'nodeTopology'),
    ...immutableField(next.storageClassName, previous.storageClassName, 'storageClassName'),
  ],
  columns: [
    nameColumn(),
    column(
      { name: 'StorageClassName', description: 'The class whose volumes could be made there.' },
      ({ storageClassName }) => storageClassName ?? '',
    ),
    column({ name: 'Capacity', description: 'How much is free.' }, ({ capacity }) => capacity ?? '<unset>'),
  ],
};

function validateClass(name: string | undefined): readonly FieldError[] {
  if (name === undefined || name === '') return [required('storageClassName', 'name the storage class')];
  return dns1123Subdomain(name).map((fault) => invalid('storageClassName', name, fault));
}

function validateSize(size: string | undefined, field: string): readonly FieldError[] {
  const parsed = parseQuantity(size ?? '0');
  return parsed.ok && parsed.value.mantissa >= 0n ? [] : [invalid(field, size, 'must be greater than or equal to 0')];
}
