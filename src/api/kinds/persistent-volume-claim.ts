import { formatAccessModes } from '../access-modes.ts';
import type { PersistentVolumeClaim } from '../generated/kubernetes.ts';
import type { KindDefinition } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { persistentVolumeClaims } from '../resources.ts';
import { classOfClaim } from '../storage/claim.ts';
import { defaultClaimSpec, validateClaimSpec, validateClaimUpdate, withSettledSources } from './claim-spec.ts';
import { ageColumn, column, nameColumn, UNSET } from './columns.ts';
import { withDefaults } from './defaulting.ts';

/** core/v1 PersistentVolumeClaim. */
export const persistentVolumeClaimKind: KindDefinition<PersistentVolumeClaim> = {
  resource: persistentVolumeClaims,
  schema: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  subresources: ['status'],
  applyDefaults: (claim) => ({
    ...claim,
    spec: defaultClaimSpec(claim.spec),
    ...(claim.status === undefined ? {} : { status: withDefaults(claim.status, { phase: 'Pending' }) }),
  }),
  prepareForCreate: (claim) => ({ ...withSettledSources(claim, undefined), status: { phase: 'Pending' } }),
  prepareForUpdate: withSettledSources,
  validate: (claim) => [
    ...validateMetadata(claim.metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...validateClaimSpec(claim.spec, 'spec'),
  ],
  validateUpdate: validateClaimUpdate,
  selectableFields: { name: (claim) => claim.metadata.name },
  columns: [
    nameColumn(),
    column({ name: 'Status', description: 'Its phase.' }, ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    ),
    column({ name: 'Volume', description: 'The volume that it has got.' }, ({ spec }) => spec.volumeName ?? ''),
    column({ name: 'Capacity', description: 'The size of its volume.' }, (claim) =>
      hasVolume(claim) ? (claim.status?.capacity?.['storage'] ?? '0') : '',
    ),
    column({ name: 'Access Modes', description: 'How its volume can be mounted.' }, (claim) =>
      hasVolume(claim) ? formatAccessModes(claim.status?.accessModes) : '',
    ),
    column({ name: 'StorageClass', description: 'Its class.' }, classOfClaim),
    column(
      { name: 'VolumeAttributesClass', description: 'The class of its changeable attributes.' },
      ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
    ),
    ageColumn(),
    column({ name: 'VolumeMode', description: 'Filesystem or Block.', isWide: true }, ({ spec }) => spec.volumeMode ?? UNSET),
  ],
  initialFinalizers: ['kubernetes.io/pvc-protection'],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

function hasVolume({ spec }: PersistentVolumeClaim): boolean {
  return (spec.volumeName ?? '') !== '';
}
