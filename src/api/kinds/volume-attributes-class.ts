import { deepEqual } from '#kit/json.ts';
import type { VolumeAttributesClass } from '../generated/kubernetes.ts';
import { forbidden, invalid, required, tooLong } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain, qualifiedName } from '../meta/validate-name.ts';
import { volumeAttributesClasses } from '../resources.ts';
import { VAC_PROTECTION } from '../storage/names.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { PLAIN_KIND } from './plain-kind.ts';

/** Bounds of upstream pkg/apis/storage/validation. */
const MAX_PARAMETERS = 512;
const MAX_PARAMETER_BYTES = 256 * 1024;

/** storage.k8s.io/v1 VolumeAttributesClass. */
export const volumeAttributesClassKind: KindDefinition<VolumeAttributesClass> = {
  ...PLAIN_KIND,
  resource: volumeAttributesClasses,
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  validate: ({ metadata, driverName, parameters }) => [
    ...validateMetadata(metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...validateProvisioner(driverName),
    ...validateParameters(parameters ?? {}),
  ],
  initialFinalizers: [VAC_PROTECTION],
  validateUpdate: (next, previous) =>
    (['driverName', 'parameters'] as const)
      .filter((field) => !deepEqual(next[field], previous[field]))
      .map((field) => forbidden(field, `updates to ${field} are forbidden: create a new VolumeAttributesClass with the values you want`)),
  columns: [
    nameColumn(),
    column({ name: 'DriverName', description: 'The CSI driver that knows the attributes.' }, ({ driverName }) => driverName ?? ''),
    ageColumn(),
  ],
};

/** As the provisioner of a StorageClass (storage validation `validateProvisioner`). */
function validateProvisioner(driverName: string | undefined): readonly FieldError[] {
  if (driverName === undefined || driverName === '') return [required('driverName', 'name the CSI driver that changes the volumes')];
  return qualifiedName(driverName.toLowerCase()).map((fault) => invalid('driverName', driverName, fault));
}

function validateParameters(parameters: Readonly<Record<string, string>>): readonly FieldError[] {
  const entries = Object.entries(parameters);
  if (entries.length === 0) return [required('parameters', 'must contain at least one key/value pair')];
  if (entries.length > MAX_PARAMETERS) return [tooLong('parameters', MAX_PARAMETERS)];
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...entries.filter(([key]) => key === '').map(([key]) => invalid('parameters', key, 'field can not be empty.')),
    ...(size > MAX_PARAMETER_BYTES ? [tooLong('parameters', MAX_PARAMETER_BYTES)] : []),
  ];
}
