import { parseQuantity } from '#kit/quantity.ts';
import type {
  DownwardAPIVolumeSource,
  EmptyDirVolumeSource,
  PersistentVolumeClaimTemplate,
  Volume,
  VolumeDevice,
  VolumeMount,
} from '../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateAnnotations, validateLabels } from '../meta/validate-labels.ts';
import { dns1123Label } from '../meta/validate-name.ts';
import { validateClaimSpec } from './claim-spec.ts';
import { validateProjections } from './pod-projections.ts';
import { validateDownwardFile } from './pod-references.ts';
import { POD_SOURCES, validateSources } from './volume-sources.ts';

const PROPAGATION = ['Bidirectional', 'HostToContainer', 'None'];
/** What a container's mount may take away (core/v1 BindMountOption). */
const BIND_OPTIONS = ['nodev', 'noexec', 'nosuid'];
/** Permissions with the sticky bit: what an emptyDir may have. */
const MOST_MODE = 0o1777;

/** Faults of the volumes of a pod: names, exactly one source each, and what the source asks. */
export function validateVolumes(volumes: readonly Volume[], field: string): readonly FieldError[] {
  const seen = new Set<string>();
  return volumes.flatMap((volume, index) => {
    const at = `${field}[${index}]`;
    const faults = [...validateName(volume.name, `${at}.name`), ...validateSources(volume, POD_SOURCES, at), ...validateNested(volume, at)];
    if (seen.has(volume.name)) faults.push(duplicate(`${at}.name`, volume.name));
    seen.add(volume.name);
    return faults;
  });
}

function validateName(name: string | undefined, field: string): readonly FieldError[] {
  return name === undefined || name === '' ? [required(field)] : dns1123Label(name).map((fault) => invalid(field, name, fault));
}

function validateNested({ emptyDir, ephemeral, projected, downwardAPI }: Volume, at: string): readonly FieldError[] {
  const spec = ephemeral?.volumeClaimTemplate?.spec;
  const sources = projected?.sources ?? [];
  return [
    ...(emptyDir === undefined ? [] : validateEmptyDir(emptyDir, `${at}.emptyDir`)),
    ...validateTemplateMetadata(ephemeral?.volumeClaimTemplate?.metadata, `${at}.ephemeral.volumeClaimTemplate.metadata`),
    ...(spec === undefined ? [] : validateClaimSpec(spec, `${at}.ephemeral.volumeClaimTemplate.spec`)),
    ...validateDownward(downwardAPI, `${at}.downwardAPI`),
    ...validateProjections(sources, `${at}.projected`),
  ];
}

function validateTemplateMetadata(metadata: PersistentVolumeClaimTemplate['metadata'], field: string): readonly FieldError[] {
  return [...validateLabels(metadata?.labels, `${field}.labels`), ...validateAnnotations(metadata?.annotations, `${field}.annotations`)];
}

function validateEmptyDir({ sizeLimit = '0', medium = '', mode }: EmptyDirVolumeSource, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  const limit = parseQuantity(sizeLimit);
  if (!limit.ok || limit.value.mantissa < 0n)
    faults.push(forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  if (medium !== '' && medium !== 'Memory' && !medium.startsWith('HugePages')) {
    faults.push(notSupported(`${field}.medium`, medium, ['', 'HugePages', 'Memory']));
  }
  if (mode !== undefined && (mode < 0 || mode > MOST_MODE))
    faults.push(invalid(`${field}.mode`, mode, 'must be a number between 0 and 01777 (octal), both inclusive'));
  return faults;
}

function validateDownward(source: DownwardAPIVolumeSource | undefined, field: string): readonly FieldError[] {
  return (source?.items ?? []).flatMap((item) => validateDownwardFile(item, field));
}

interface MountPlace {
  readonly field: string;
  readonly volumes: readonly Volume[];
}

/** Faults of the mounts of a container: known volumes, each path once, no way out of the volume. */
export function validateMounts(mounts: readonly VolumeMount[], { field, volumes }: MountPlace): readonly FieldError[] {
  const known = new Set(volumes.map(({ name }) => name));
  const images = new Set(volumes.flatMap(({ name, image }) => (image === undefined ? [] : [name])));
  const paths = new Set<string>();
  return mounts.flatMap((mount, index) => {
    const at = `${field}.volumeMounts[${index}]`;
    const faults = [...validateReference(mount.name, `${at}.name`, known), ...validateSubPath(mount, at)];
    if ((mount.mountPath ?? '') === '') faults.push(required(`${at}.mountPath`));
    else if (paths.has(mount.mountPath)) faults.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    if (mount.mountPropagation !== undefined && !PROPAGATION.includes(mount.mountPropagation)) {
      faults.push(notSupported(`${at}.mountPropagation`, mount.mountPropagation, PROPAGATION));
    }
    return [...faults, ...validateBindOptions(mount, `${at}.bindMountOptions`, images)];
  });
}

function validateBindOptions(
  { name, bindMountOptions = [] }: VolumeMount,
  field: string,
  images: ReadonlySet<string>,
): readonly FieldError[] {
  if (bindMountOptions.length > 0 && images.has(name)) return [forbidden(field, 'may not be set for image volumes, which are read-only')];
  return bindMountOptions.flatMap((option, index) => {
    if (!BIND_OPTIONS.includes(option)) return [notSupported(`${field}[${index}]`, option, BIND_OPTIONS)];
    return bindMountOptions.indexOf(option) < index ? [duplicate(`${field}[${index}]`, option)] : [];
  });
}

function validateReference(name: string | undefined, field: string, known: ReadonlySet<string>): readonly FieldError[] {
  if (name === undefined || name === '') return [required(field)];
  return known.has(name) ? [] : [{ ...notFound(field, name), detail: 'add a volume of that name to spec.volumes' }];
}

function validateSubPath({ subPath = '', subPathExpr = '' }: VolumeMount, at: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  for (const [member, path] of [
    ['subPath', subPath],
    ['subPathExpr', subPathExpr],
  ] as const) {
    if (path.startsWith('/')) faults.push(invalid(`${at}.${member}`, path, 'must be a relative path'));
    if (path.split('/').includes('..')) faults.push(invalid(`${at}.${member}`, path, "must not contain '..'"));
  }
  if (subPath !== '' && subPathExpr !== '')
    faults.push(invalid(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
  return faults;
}

/** Faults of the block devices of a container: claims only, each path once and not also mounted. */
export function validateDevices(
  devices: readonly VolumeDevice[],
  mounts: readonly VolumeMount[],
  { field, volumes }: MountPlace,
): readonly FieldError[] {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]));
  const paths = new Set<string>();
  const names = new Set<string>();
  const mountPaths = new Set(mounts.map(({ mountPath }) => mountPath));
  const mountNames = new Set(mounts.map(({ name }) => name));
  return devices.flatMap((device, index) => {
    const at = `${field}.volumeDevices[${index}]`;
    const faults = [...validateReference(device.name, `${at}.name`, new Set(byName.keys()))];
    if (names.has(device.name)) faults.push(invalid(`${at}.name`, device.name, 'must be unique'));
    names.add(device.name);
    const volume = byName.get(device.name);
    if (volume !== undefined && volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) {
      faults.push(
        invalid(`${at}.name`, device.name, 'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode'),
      );
    }
    if (mountNames.has(device.name)) faults.push(invalid(`${at}.name`, device.name, 'must not already exist in volumeMounts'));
    return [...faults, ...validateDevicePath(device.devicePath, `${at}.devicePath`, { paths, mountPaths })];
  });
}

function validateDevicePath(
  path: string | undefined,
  field: string,
  { paths, mountPaths }: { readonly paths: Set<string>; readonly mountPaths: ReadonlySet<string> },
): readonly FieldError[] {
  if (path === undefined || path === '') return [required(field)];
  const faults: FieldError[] = [];
  if (paths.has(path)) faults.push(invalid(field, path, 'must be unique'));
  if (path.split('/').includes('..')) faults.push(invalid(field, path, "can not contain backsteps ('..')"));
  if (mountPaths.has(path)) faults.push(invalid(field, path, 'must not already exist as a path in volumeMounts'));
  paths.add(path);
  return faults;
}
