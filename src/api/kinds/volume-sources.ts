import { isRecord } from '#kit/json.ts';
import { forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateDriverName } from './csi-names.ts';
import { withDefaults } from './defaulting.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Volume sources of upstream 1.36 that a PersistentVolume may have (VOL-18), with the members that each must have. */
export const PERSISTENT_SOURCES: Readonly<Record<string, readonly string[]>> = {
  awsElasticBlockStore: ['volumeID'],
  azureDisk: ['diskName', 'diskURI'],
  azureFile: ['secretName', 'shareName'],
  cephfs: ['monitors'],
  cinder: ['volumeID'],
  csi: ['volumeHandle'],
  fc: [],
  flexVolume: ['driver'],
  flocker: [],
  gcePersistentDisk: ['pdName'],
  glusterfs: ['endpoints', 'path'],
  hostPath: ['path'],
  iscsi: ['targetPortal', 'iqn'],
  local: ['path'],
  nfs: ['server', 'path'],
  photonPersistentDisk: ['pdID'],
  portworxVolume: ['volumeID'],
  quobyte: ['registry', 'volume'],
  rbd: ['monitors', 'image'],
  scaleIO: ['gateway', 'system', 'volumeName', 'secretRef'],
  storageos: [],
  vsphereVolume: ['volumePath'],
};

/** The same for the volumes of a pod. */
export const POD_SOURCES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(PERSISTENT_SOURCES).filter(([name]) => name !== 'local')),
  csi: ['driver'],
  configMap: ['name'],
  downwardAPI: [],
  emptyDir: [],
  ephemeral: ['volumeClaimTemplate'],
  gitRepo: ['repository'],
  image: [],
  persistentVolumeClaim: ['claimName'],
  projected: [],
  secret: ['secretName'],
};

/** Defaults of core/v1 defaults.go. */
const DEFAULTS: Readonly<Record<string, Fields>> = {
  hostPath: { type: '' },
  iscsi: { iscsiInterface: 'default' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  azureDisk: { cachingMode: 'ReadWrite', kind: 'Shared', fsType: 'ext4', readOnly: false },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
  secret: { defaultMode: 0o644 },
  configMap: { defaultMode: 0o644 },
  downwardAPI: { defaultMode: 0o644 },
  projected: { defaultMode: 0o644 },
};

const MAX_LUN = 255;
const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

/** The names of the sources that `holder` (a PersistentVolume's spec or a pod's volume) has. */
export function sourceNamesOf(holder: object, sources: Readonly<Record<string, readonly string[]>>): readonly string[] {
  return Object.entries(holder)
    .filter(([key, value]) => value !== undefined && Object.hasOwn(sources, key))
    .map(([key]) => key);
}

/** The source's members with upstream's defaults. */
export function defaultSource(name: string, source: Fields): Fields {
  const defaults = Object.hasOwn(DEFAULTS, name) ? DEFAULTS[name] : undefined;
  return defaults === undefined ? source : withDefaults(source, defaults);
}

/** Faults of the sources of `holder` at `field`: exactly one, and that one complete. */
export function validateSources(
  holder: object,
  sources: Readonly<Record<string, readonly string[]>>,
  field: string,
): readonly FieldError[] {
  const [first, ...others] = sourceNamesOf(holder, sources);
  if (first === undefined) return [required(field, 'must specify a volume type')];
  const source = new Map<string, unknown>(Object.entries(holder)).get(first);
  return [
    ...others.map((name) => forbidden(`${field}.${name}`, 'may not specify more than 1 volume type')),
    ...(isRecord(source) ? validateSource(first, source, { field: `${field}.${first}`, required: sources[first] ?? [] }) : []),
  ];
}

function validateSource(
  name: string,
  source: Fields,
  place: { readonly field: string; readonly required: readonly string[] },
): readonly FieldError[] {
  const missing = place.required.filter((member) => isEmpty(source[member])).map((member) => required(`${place.field}.${member}`));
  return [...missing, ...(SPECIAL.get(name)?.(source, place.field) ?? [])];
}

const SPECIAL: ReadonlyMap<string, (source: Fields, field: string) => readonly FieldError[]> = new Map([
  ['hostPath', (source, field) => [...noBacksteps(source, field), ...validateHostPathType(source, field)]],
  ['local', noBacksteps],
  ['nfs', (source, field) => absolutePath(source, field)],
  ['csi', validateCsi],
  ['secret', validateMode],
  ['configMap', validateMode],
  ['downwardAPI', validateMode],
  ['projected', validateMode],
  [
    'flocker',
    (source, field) =>
      isEmpty(source['datasetName']) && isEmpty(source['datasetUUID'])
        ? [required(field, 'one of datasetName and datasetUUID is required')]
        : [],
  ],
  ['fc', validateFc],
]);

function validateFc({ targetWWNs, wwids, lun }: Fields, field: string): readonly FieldError[] {
  const at = `${field}.targetWWNs`;
  if (isEmpty(targetWWNs)) return isEmpty(wwids) ? [required(at, 'must specify either targetWWNs or wwids, but not both')] : [];
  const isLun = typeof lun === 'number' && lun >= 0 && lun <= MAX_LUN;
  return [
    ...(isEmpty(wwids) ? [] : [invalid(at, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')]),
    ...(lun === undefined ? [required(`${field}.lun`, 'lun is required if targetWWNs is specified')] : []),
    ...(lun === undefined || isLun ? [] : [invalid(`${field}.lun`, lun, `must be between 0 and ${MAX_LUN}, inclusive`)]),
  ];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Faults of a relative path or one with `..` in it, which could lead out of a volume. */
function noBacksteps(source: Fields, field: string): readonly FieldError[] {
  const { path } = source;
  return typeof path === 'string' && path.split('/').includes('..') ? [invalid(`${field}.path`, path, "must not contain '..'")] : [];
}

function absolutePath({ path }: Fields, field: string): readonly FieldError[] {
  return typeof path === 'string' && path !== '' && !path.startsWith('/')
    ? [invalid(`${field}.path`, path, 'must be an absolute path')]
    : [];
}

function validateHostPathType({ type }: Fields, field: string): readonly FieldError[] {
  return typeof type !== 'string' || HOST_PATH_TYPES.includes(type) ? [] : [notSupported(`${field}.type`, type, HOST_PATH_TYPES)];
}

function validateCsi(source: Fields, field: string): readonly FieldError[] {
  const { driver } = source;
  const references = Object.entries(source).filter(([key]) => key.endsWith('SecretRef') && key !== 'nodePublishSecretRef');
  return [
    ...validateDriverName(typeof driver === 'string' ? driver : undefined, `${field}.driver`),
    ...references.flatMap(([key, value]) => validateSecretReference(value, `${field}.${key}`)),
  ];
}

function validateSecretReference(value: unknown, field: string): readonly FieldError[] {
  const reference = isRecord(value) ? value : {};
  return ['name', 'namespace'].filter((member) => isEmpty(reference[member])).map((member) => required(`${field}.${member}`));
}

/** Faults of file modes: the default one and those of single items. */
export function validateMode(source: Fields, field: string): readonly FieldError[] {
  const items = Array.isArray(source['items']) ? source['items'] : [];
  return [
    ...modeFaults(source['defaultMode'], `${field}.defaultMode`),
    ...items.flatMap((item, index) => (isRecord(item) ? validateItem(item, `${field}.items[${index}]`) : [])),
  ];
}

function modeFaults(mode: unknown, field: string): readonly FieldError[] {
  if (typeof mode !== 'number' || (mode >= 0 && mode <= 0o777)) return [];
  return [invalid(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

function validateItem(item: Fields, field: string): readonly FieldError[] {
  const { key, path, mode } = item;
  // why: a file about the pod itself comes from no key
  const isKeyless = Object.hasOwn(item, 'fieldRef') || Object.hasOwn(item, 'resourceFieldRef');
  return [
    ...modeFaults(mode, `${field}.mode`),
    ...(isKeyless || !isEmpty(key) ? [] : [required(`${field}.key`)]),
    ...(isEmpty(path) ? [required(`${field}.path`)] : []),
    ...(typeof path === 'string' ? validateLocalPath(path, `${field}.path`) : []),
  ];
}

/** Faults of the path of a file inside a volume (core validation `ValidateLocalNonReservedPath`). */
export function validateLocalPath(path: string, field: string): readonly FieldError[] {
  const hasBacksteps = path.split('/').includes('..');
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...(hasBacksteps ? [invalid(field, path, "must not contain '..'")] : []),
    ...(path.startsWith('..') && !path.startsWith('../') && path !== '..' ? [invalid(field, path, "must not start with '..'")] : []),
  ];
}
