import { deepEqual } from '#kit/json.ts';
import { formatAccessModes } from '../access-modes.ts';
import type { PersistentVolume, PersistentVolumeSpec } from '../generated/kubernetes.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { immutableField, validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';
import { persistentVolumes } from '../resources.ts';
import { classOfVolume } from '../storage/volume.ts';
import { ageColumn, column, nameColumn, UNSET } from './columns.ts';
import { withAbsent, withDefaults } from './defaulting.ts';
import { validateNodeSelector } from './node-selector.ts';
import { validateAccessModes, validateClassName, validatePositive, validateVolumeMode } from './storage-fields.ts';
import { defaultSource, PERSISTENT_SOURCES, sourceNamesOf, validateSources } from './volume-sources.ts';

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

/** core/v1 PersistentVolume. */
export const persistentVolumeKind: KindDefinition<PersistentVolume> = {
  resource: persistentVolumes,
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  subresources: ['status'],
  applyDefaults,
  prepareForCreate: (volume) => ({ ...volume, status: { phase: 'Pending' } }),
  validate,
  validateUpdate,
  selectableFields: { name: (volume) => volume.metadata.name },
  columns: [
    nameColumn(),
    column({ name: 'Capacity', description: 'Its size.' }, ({ spec }) => spec.capacity?.['storage'] ?? ''),
    column({ name: 'Access Modes', description: 'How it can be mounted.' }, ({ spec }) => formatAccessModes(spec.accessModes)),
    column(
      { name: 'Reclaim Policy', description: 'What happens to it when its claim is deleted.' },
      ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '',
    ),
    column({ name: 'Status', description: 'Its phase.' }, ({ metadata, status }) =>
      metadata.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
    ),
    column({ name: 'Claim', description: 'The claim that it belongs to.' }, ({ spec: { claimRef } }) =>
      claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
    ),
    column({ name: 'StorageClass', description: 'Its class.' }, classOfVolume),
    column(
      { name: 'VolumeAttributesClass', description: 'The class of its changeable attributes.' },
      ({ spec }) => spec.volumeAttributesClassName ?? UNSET,
    ),
    column({ name: 'Reason', description: 'Why it failed, in one word.' }, ({ status }) => status?.reason ?? ''),
    ageColumn(),
    column({ name: 'VolumeMode', description: 'Filesystem or Block.', isWide: true }, ({ spec }) => spec.volumeMode ?? UNSET),
  ],
  initialFinalizers: ['kubernetes.io/pv-protection'],
  answersDeletedObject: true,
  deletionGraceSec: () => 0,
};

function applyDefaults(volume: PersistentVolume): PersistentVolume {
  const spec = withAbsent(withDefaults<PersistentVolumeSpec>(volume.spec, { persistentVolumeReclaimPolicy: 'Retain' }), {
    volumeMode: 'Filesystem',
  });
  const sources = new Map<string, unknown>(Object.entries(spec));
  const defaulted = sourceNamesOf(spec, PERSISTENT_SOURCES).map((name) => [name, defaultSource(name, Object(sources.get(name)))]);
  return {
    ...volume,
    spec: { ...spec, ...Object.fromEntries(defaulted) },
    ...(volume.status === undefined ? {} : { status: withDefaults(volume.status, { phase: 'Pending' }) }),
  };
}

function validate(volume: PersistentVolume): readonly FieldError[] {
  const { spec } = volume;
  return [
    ...validateMetadata(volume.metadata, { isNamespaced: false, name: dns1123Subdomain }),
    ...(spec.accessModes === undefined || spec.accessModes.length === 0
      ? [required('spec.accessModes')]
      : validateAccessModes(spec.accessModes, 'spec.accessModes')),
    ...validateCapacity(spec.capacity),
    ...validateReclaimPolicy(spec),
    ...validateSources(spec, PERSISTENT_SOURCES, 'spec'),
    ...validateClassName(spec.storageClassName, 'spec.storageClassName'),
    ...validateVolumeMode(spec.volumeMode, 'spec.volumeMode'),
    ...validateNodeAffinity(spec),
  ];
}

function validateCapacity(capacity: PersistentVolumeSpec['capacity']): readonly FieldError[] {
  const { storage, ...others } = capacity ?? {};
  if (capacity === undefined || Object.keys(capacity).length === 0)
    return [required('spec.capacity', 'set spec.capacity.storage, for example 10Gi')];
  if (storage === undefined || Object.keys(others).length > 0) return [notSupported('spec.capacity', capacity, ['storage'])];
  return validatePositive(storage, 'spec.capacity[storage]');
}

function validateReclaimPolicy({ persistentVolumeReclaimPolicy: policy, hostPath }: PersistentVolumeSpec): readonly FieldError[] {
  const field = 'spec.persistentVolumeReclaimPolicy';
  if (!RECLAIM_POLICIES.includes(policy ?? '')) return [notSupported(field, policy, RECLAIM_POLICIES)];
  const isRoot = hostPath?.path !== undefined && /^[/.]+$/.test(hostPath.path);
  return policy === 'Recycle' && isRoot ? [forbidden(field, "may not be 'recycle' for a hostPath mount of '/'")] : [];
}

function validateNodeAffinity({ nodeAffinity, local }: PersistentVolumeSpec): readonly FieldError[] {
  const field = 'spec.nodeAffinity';
  if (nodeAffinity === undefined) {
    return local === undefined ? [] : [required(field, 'Local volume requires node affinity: name the node that has the path')];
  }
  return nodeAffinity.required === undefined
    ? [required(`${field}.required`, 'must specify required node constraints')]
    : validateNodeSelector(nodeAffinity.required, `${field}.required`);
}

function validateUpdate(next: PersistentVolume, previous: PersistentVolume): readonly FieldError[] {
  const [after, before] = [sourceOf(next.spec), sourceOf(previous.spec)];
  const faults = [...immutableField(next.spec.volumeMode, previous.spec.volumeMode, 'spec.volumeMode')];
  if (!deepEqual(after, before)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => `spec.${name}`).join(', ');
    faults.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation (${names}): create a new PersistentVolume for another place`,
      ),
    );
  }
  if (previous.spec.nodeAffinity !== undefined && !deepEqual(next.spec.nodeAffinity, previous.spec.nodeAffinity)) {
    faults.push(invalid('spec.nodeAffinity', next.spec.nodeAffinity, 'field is immutable'));
  }
  return faults;
}

function sourceOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([key, value]) => value !== undefined && Object.hasOwn(PERSISTENT_SOURCES, key)));
}
