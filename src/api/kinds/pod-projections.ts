import type { DownwardAPIVolumeFile, ServiceAccountTokenProjection, VolumeProjection } from '../generated/kubernetes.ts';
import { forbidden, invalid, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { validateDownwardFile } from './pod-references.ts';
import { validateLocalPath, validateMode } from './volume-sources.ts';

const PROJECTIONS = ['clusterTrustBundle', 'configMap', 'downwardAPI', 'podCertificate', 'secret', 'serviceAccountToken'] as const;
/** Bounds of a token's lifetime, in seconds (core validation `validateProjectionSources`). */
const MIN_LIFETIME_SEC = 600;
const MAX_LIFETIME_SEC = 2 ** 32;

/** Faults of the sources of a projected volume at `field`: one kind each, complete, and no two files at one place. */
export function validateProjections(sources: readonly VolumeProjection[], field: string): readonly FieldError[] {
  const paths = new Set<string>();
  return sources.flatMap((source, index) => [
    ...validateProjection(source, `${field}.sources[${index}]`, field),
    ...pathsOf(source).flatMap((path) => {
      const isTaken = paths.has(path);
      paths.add(path);
      return isTaken ? [invalid(field, path, 'conflicting duplicate paths')] : [];
    }),
  ]);
}

function validateProjection(projection: VolumeProjection, field: string, ofVolume: string): readonly FieldError[] {
  const [, ...others] = PROJECTIONS.filter((name) => projection[name] !== undefined);
  const { serviceAccountToken } = projection;
  return [
    ...others.map((name) => forbidden(`${field}.${name}`, 'may not specify more than 1 volume type per source')),
    ...(['secret', 'configMap'] as const).flatMap((name) => validateKeys(projection[name], `${field}.${name}`)),
    ...(projection.downwardAPI?.items ?? []).flatMap((item) => validateFile(item, `${field}.downwardAPI`)),
    ...(serviceAccountToken === undefined ? [] : validateToken(serviceAccountToken, `${field}.serviceAccountToken`, ofVolume)),
  ];
}

/** Without the place of the file in its list: upstream names none here. */
function validateFile(file: DownwardAPIVolumeFile, field: string): readonly FieldError[] {
  // why: a body may lack its path, whatever the type says
  const path: string | undefined = file.path;
  return [
    ...((path ?? '') === '' ? [required(`${field}.path`)] : validateLocalPath(path, `${field}.path`)),
    ...validateDownwardFile(file, field),
    ...validateMode({ defaultMode: file.mode }, field).map((fault) => ({ ...fault, field: `${field}.mode` })),
  ];
}

function validateKeys(source: VolumeProjection['secret'], field: string): readonly FieldError[] {
  if (source === undefined) return [];
  const { name = '', items } = source;
  return [...(name === '' ? [required(`${field}.name`)] : []), ...validateMode({ items }, field)];
}

function validateToken(token: Partial<ServiceAccountTokenProjection>, field: string, ofVolume: string): readonly FieldError[] {
  const { expirationSeconds: lifetimeSec, path = '' } = token;
  const at = `${field}.expirationSeconds`;
  const isShort = lifetimeSec !== undefined && lifetimeSec < MIN_LIFETIME_SEC;
  const isLong = lifetimeSec !== undefined && lifetimeSec > MAX_LIFETIME_SEC;
  return [
    ...(isShort ? [invalid(at, lifetimeSec, 'may not specify a duration less than 10 minutes')] : []),
    ...(isLong ? [invalid(at, lifetimeSec, 'may not specify a duration larger than 2^32 seconds')] : []),
    // why: upstream names the path as one of the volume
    ...(path === '' ? [required(`${ofVolume}.path`)] : validateLocalPath(path, `${ofVolume}.path`)),
  ];
}

/** Of files, not of the token: upstream looks at those only (validation.go validateProjectionSources). */
function pathsOf({ secret, configMap, downwardAPI }: VolumeProjection): readonly string[] {
  const files = [secret, configMap, downwardAPI].flatMap((source): readonly { readonly path: string }[] => source?.items ?? []);
  return files.map(({ path }) => path).filter((path) => path !== '');
}
