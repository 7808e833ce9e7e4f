import { deepEqual } from '#kit/json.ts';
import { compareQuantity, parseQuantity, type Quantity } from '#kit/quantity.ts';
import type {
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  TypedLocalObjectReference,
  TypedObjectReference,
} from '../generated/kubernetes.ts';
import { forbidden, invalid, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateLabelSelector } from '../meta/validate-label-selector.ts';
import { immutableField } from '../meta/validate-metadata.ts';
import { dns1123Label } from '../meta/validate-name.ts';
import { leavesClassToDefault } from '../storage/claim.ts';
import { STORAGE_CLASS_BETA } from '../storage/names.ts';
import { withAbsent, without } from './defaulting.ts';
import { validateAccessModes, validateClassName, validatePositive, validateVolumeMode } from './storage-fields.ts';

const SNAPSHOT_GROUP = 'snapshot.storage.k8s.io';

/** Defaults of a claim's spec, also of the template in a pod's ephemeral volume; mirrors `dataSource` and `dataSourceRef`. */
export function defaultClaimSpec(spec: PersistentVolumeClaimSpec | undefined): PersistentVolumeClaimSpec {
  return mirrorDataSources(withAbsent<PersistentVolumeClaimSpec>(spec, { volumeMode: 'Filesystem' }));
}

/** Each of the two sources as the other says it, where one is missing; a `dataSource` of an unknown kind waits for who knows whether it is new. */
function mirrorDataSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined) {
    return dataSourceRef === undefined && isCoreSource(dataSource) ? { ...spec, dataSourceRef: dataSource } : spec;
  }
  const isForeign = (dataSourceRef?.namespace ?? '') !== '';
  return dataSourceRef === undefined || isForeign
    ? spec
    : { ...spec, dataSource: without<TypedObjectReference>(dataSourceRef, 'namespace') };
}

/**
 * The claim with its sources as upstream takes them (EnforceDataSourceBackwardsCompatibility, NormalizeDataSources): where the claim had none before,
 * a `dataSource` of an unknown kind is dropped; a claim that has sources keeps them. One of another namespace stays, as with the feature CrossNamespaceVolumeDataSource.
 */
export function withSettledSources(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim | undefined): PersistentVolumeClaim {
  // why: a body may lack its spec, which validation tells
  const spec: PersistentVolumeClaimSpec | undefined = claim.spec;
  if (spec === undefined) return claim;
  const hadSource = previous?.spec.dataSource !== undefined || previous?.spec.dataSourceRef !== undefined;
  return { ...claim, spec: hadSource ? mirroredAny(spec) : settledNew(spec) };
}

function mirroredAny(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  return dataSource !== undefined && dataSourceRef === undefined ? { ...spec, dataSourceRef: dataSource } : spec;
}

function settledNew(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const isUnknown = spec.dataSource !== undefined && !isCoreSource(spec.dataSource);
  return mirrorDataSources(isUnknown ? without(spec, 'dataSource') : spec);
}

function isCoreSource({ apiGroup, kind }: TypedLocalObjectReference): boolean {
  return ((apiGroup ?? '') === '' && kind === 'PersistentVolumeClaim') || (apiGroup === SNAPSHOT_GROUP && kind === 'VolumeSnapshot');
}

/** Faults of a claim's spec at `field`. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): readonly FieldError[] {
  const modes = spec.accessModes ?? [];
  const request = spec.resources?.requests?.['storage'];
  return [
    ...(modes.length === 0
      ? [required(`${field}.accessModes`, 'at least 1 access mode is required')]
      : validateAccessModes(modes, `${field}.accessModes`)),
    ...(spec.selector === undefined ? [] : validateLabelSelector(spec.selector, `${field}.selector`)),
    ...(request === undefined ? [required(`${field}.resources[storage]`)] : validatePositive(request, `${field}.resources[storage]`)),
    ...validateClassName(spec.storageClassName, `${field}.storageClassName`),
    ...validateVolumeMode(spec.volumeMode, `${field}.volumeMode`),
    ...(spec.dataSource === undefined ? [] : validateDataSource(spec.dataSource, `${field}.dataSource`)),
    ...(spec.dataSourceRef === undefined ? [] : validateDataSourceRef(spec.dataSourceRef, `${field}.dataSourceRef`)),
    ...validateMirror(spec, field),
    ...validateClassName(spec.volumeAttributesClassName, `${field}.volumeAttributesClassName`),
  ];
}

function validateDataSource(source: TypedLocalObjectReference, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if ((source.name ?? '') === '') faults.push(required(`${field}.name`));
  if ((source.kind ?? '') === '') faults.push(required(`${field}.kind`));
  if ((source.apiGroup ?? '') === '' && source.kind !== 'PersistentVolumeClaim') {
    faults.push(invalid(field, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  return faults;
}

function validateDataSourceRef(source: TypedObjectReference, field: string): readonly FieldError[] {
  const namespace = source.namespace ?? '';
  const faults = namespace === '' ? [] : dns1123Label(namespace);
  return [...validateDataSource(source, field), ...faults.map((fault) => invalid(`${field}.namespace`, namespace, fault))];
}

function validateMirror({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, field: string): readonly FieldError[] {
  if (dataSource === undefined || dataSourceRef === undefined) return [];
  const isForeign = (dataSourceRef.namespace ?? '') !== '';
  if (isForeign)
    return [invalid(field, { dataSource, dataSourceRef }, 'dataSource may not be specified when dataSourceRef.namespace is specified')];
  const identity = ({ apiGroup, kind, name }: TypedLocalObjectReference): readonly string[] => [apiGroup ?? '', kind, name];
  return deepEqual(identity(dataSource), identity(dataSourceRef))
    ? []
    : [invalid(field, { dataSource, dataSourceRef }, 'must match dataSourceRef')];
}

/** Faults of a change of a claim: only what upstream lets change changes (VOL-9: it can grow, never shrink below what it has). */
export function validateClaimUpdate(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly FieldError[] {
  const changed = changedFields(next, previous);
  const faults: FieldError[] = [];
  if (changed.length > 0) {
    const detail = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
    faults.push(forbidden('spec', `${detail} (changed: ${changed.join(', ')}); create a new claim to have other values`));
  }
  return [
    ...immutableClassAnnotation(next, previous),
    ...faults,
    ...validateShrink(next, previous),
    ...validateAttributesClass(next, previous),
    ...immutableField(next.spec.volumeMode, previous.spec.volumeMode, 'spec.volumeMode'),
  ];
}

/** The class in the annotation of before v1.6 stays, but when it becomes the field (core validation `validateStorageClassUpgradeFromAnnotation`). */
function immutableClassAnnotation(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly FieldError[] {
  const [after, before] = [next.metadata.annotations?.[STORAGE_CLASS_BETA], previous.metadata.annotations?.[STORAGE_CLASS_BETA]];
  const becomesField = before !== undefined && after === undefined && next.spec.storageClassName === before;
  return becomesField ? [] : immutableField(after ?? '', before ?? '', `metadata.annotations.${STORAGE_CLASS_BETA}`);
}

function changedFields(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly string[] {
  // why: a claim of an earlier version may lack what mirroring adds
  const [after, before] = [mutableFieldsSettled(next, previous), mirrorDataSources(previous.spec)];
  const keys = new Set([...Object.keys(after), ...Object.keys(before)]);
  const values = { after: new Map<string, unknown>(Object.entries(after)), before: new Map<string, unknown>(Object.entries(before)) };
  return [...keys].filter((key) => !deepEqual(values.after.get(key), values.before.get(key))).toSorted();
}

/** The next spec with everything that may change put back to what it was. */
function mutableFieldsSettled(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const before = previous.spec;
  const isBound = next.status?.phase === 'Bound';
  const mayNameVolume = (before.volumeName ?? '') === '';
  // why: a claim without a class gets the default one later; a class that was chosen stays
  const mayNameClass = leavesClassToDefault(previous);
  const settled = {
    ...next.spec,
    ...(isBound ? { volumeAttributesClassName: before.volumeAttributesClassName } : {}),
    ...(mayNameVolume ? { volumeName: before.volumeName } : {}),
    ...(mayNameClass ? { storageClassName: before.storageClassName } : {}),
  };
  const requests = settled.resources?.requests;
  const storage = before.resources?.requests?.['storage'];
  if (!isBound || requests === undefined || storage === undefined) return settled;
  return { ...settled, resources: { ...settled.resources, requests: { ...requests, storage } } };
}

/** A volume that was given attributes keeps some: it may get those of another class, and one that never got any may give up the wish. */
function validateAttributesClass(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly FieldError[] {
  const [after, before] = [next.spec.volumeAttributesClassName ?? '', previous.spec.volumeAttributesClassName ?? ''];
  const current = previous.status?.currentVolumeAttributesClassName ?? '';
  if (after !== '' || before === '' || current === '') return [];
  const detail = `update to empty is forbidden: the volume has the attributes of ${JSON.stringify(current)}; name that class, or another`;
  return [forbidden('spec.volumeAttributesClassName', detail)];
}

function validateShrink(next: PersistentVolumeClaim, previous: PersistentVolumeClaim): readonly FieldError[] {
  const has = previous.status?.capacity?.['storage'] ?? '0';
  // why: a request that is missing asks for nothing
  const [after, before, capacity] = [requestOf(next), requestOf(previous), storageOf({ storage: has })];
  if (after === undefined || before === undefined || compareQuantity(after, before) >= 0) return [];
  // why: a request may go back to more than the volume has, to recover from a growth that failed
  if (capacity !== undefined && compareQuantity(after, capacity) > 0) return [];
  const detail = `the volume has ${has} and volumes can only grow`;
  return [forbidden('spec.resources.requests.storage', `field can not be less than status.capacity: ${detail}`)];
}

function requestOf({ spec }: PersistentVolumeClaim): Quantity | undefined {
  return storageOf({ storage: '0', ...spec.resources?.requests });
}

function storageOf(amounts: Readonly<Record<string, string>> | undefined): Quantity | undefined {
  const parsed = parseQuantity(amounts?.['storage'] ?? '');
  return parsed.ok ? parsed.value : undefined;
}
