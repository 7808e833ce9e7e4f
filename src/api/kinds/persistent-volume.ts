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
import { withAbsent, withDefaults, without } from './defaulting.ts';
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
    ...validateModes(spec, 'spec'),
    ...validateCapacity(spec.capacity),
    ...validateReclaimPolicy(spec),
    ...validateSources(spec, PERSISTENT_SOURCES, 'spec'),
    ...validateClassName(spec.storageClassName, 'spec.storageClassName'),
    ...validateVolumeMode(spec.volumeMode, 'spec.volumeMode'),
    ...validateAttributesClass(spec),
    ...validateNodeAffinity(spec),
  ];
}

/** Faults of the spec of a volume that stands in its attachment, at `field`: a CSI volume, and nothing that only an object can be. */
export function validateInlineVolume(spec: PersistentVolumeSpec, field: string): readonly FieldError[] {
  const what = 'in the context of inline volumes';
  const isGiven = { ...spec, capacity: Object.keys(spec.capacity ?? {})[0], storageClassName: spec.storageClassName || undefined };
  const outside = (['claimRef', 'capacity', 'nodeAffinity', 'storageClassName'] as const).filter((name) => isGiven[name] !== undefined);
  const { persistentVolumeReclaimPolicy: policy = 'Retain', volumeMode = 'Filesystem' } = spec;
  return [
    ...outside.map((name) => forbidden(`${field}.${name}`, `may not be specified ${what}`)),
    ...(spec.csi === undefined ? [required(`${field}.csi`, `has to be specified ${what}`)] : []),
    ...validateModes(spec, field),
    ...(policy === 'Retain' ? [] : [forbidden(`${field}.persistentVolumeReclaimPolicy`, `may only be Retain ${what}`)]),
    ...(volumeMode === 'Filesystem' ? [] : [forbidden(`${field}.volumeMode`, `may not specify volumeMode other than Filesystem ${what}`)]),
    ...validateSources(spec, PERSISTENT_SOURCES, field),
  ];
}

function validateModes({ accessModes = [] }: PersistentVolumeSpec, field: string): readonly FieldError[] {
  return accessModes.length === 0 ? [required(`${field}.accessModes`)] : validateAccessModes(accessModes, `${field}.accessModes`);
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec): readonly FieldError[] {
  if (name === undefined) return [];
  const field = 'spec.volumeAttributesClassName';
  return [
    ...(name === ''
      ? [required(field, 'an empty string is disallowed: leave the field out, or name a class')]
      : validateClassName(name, field)),
    ...(csi === undefined ? [required('spec.csi', 'has to be specified when using volumeAttributesClassName')] : []),
  ];
}

function validateCapacity(capacity: PersistentVolumeSpec['capacity']): readonly FieldError[] {
  const { storage, ...others } = capacity ?? {};
  const isNone = Object.keys(capacity ?? {}).length === 0;
  return [
    ...(isNone ? [required('spec.capacity', 'set spec.capacity.storage, for example 10Gi')] : []),
    ...(!isNone && (storage === undefined || Object.keys(others).length > 0) ? [notSupported('spec.capacity', capacity, ['storage'])] : []),
    ...Object.entries(capacity ?? {}).flatMap(([name, amount]) => validatePositive(amount, `spec.capacity[${name}]`)),
  ];
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
  const [after, before] = [sourceOf(withoutNewSecret(next.spec, previous.spec)), sourceOf(previous.spec)];
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
  if (previous.spec.volumeAttributesClassName !== undefined && next.spec.volumeAttributesClassName === undefined)
    faults.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden: name that class, or another'));
  return faults;
}

/** A volume without a secret for its growth may get one later: its class may have been told of it late. */
function withoutNewSecret(next: PersistentVolumeSpec, previous: PersistentVolumeSpec): PersistentVolumeSpec {
  const isNew = next.csi?.controllerExpandSecretRef !== undefined && previous.csi?.controllerExpandSecretRef === undefined;
  return next.csi === undefined || !isNew ? next : { ...next, csi: without(next.csi, 'controllerExpandSecretRef') };
}

function sourceOf(spec: PersistentVolumeSpec): Record<string, unknown> {
  return Object.fromEntries(Object.entries(spec).filter(([key, value]) => value !== undefined && Object.hasOwn(PERSISTENT_SOURCES, key)));
}
