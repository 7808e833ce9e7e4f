import type {
  ConfigMapVolumeSource,
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
  VolumeProjection,
} from '#api/generated/kubernetes.ts';
import type { ConfigReader } from '../containers/environment.ts';
import type { PodTokens } from './pod-tokens.ts';
import { type NodeFacts, fieldValue, resourceValue } from '../containers/field-values.ts';
import { VolumeNotReady } from './volume-error.ts';
import type { WrittenFile } from './written-files.ts';

/** What the files of a volume are made from. */
export interface ConfigFilesSource {
  readonly pod: Pod;
  readonly config: Pick<ConfigReader, 'configMap' | 'secret'>;
  readonly node: NodeFacts;
  /** Absent = this node has no tokens to give. */
  readonly tokens?: PodTokens | undefined;
}

/** Permissions where a source names none (core/v1: 0644). */
const DEFAULT_MODE = 0o644;

/** Permissions of a token that is for one user or group (kubelet projected.go). */
const OWNED_TOKEN_MODE = 0o600;

/** The user as whom all containers of the pod run, where the pod says so of all of them (kubelet FsUserFrom). Pure. */
export function onlyUserOf({ spec }: Pod): number | undefined {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const users = new Set(containers.map(({ securityContext }) => securityContext?.runAsUser ?? spec.securityContext?.runAsUser));
  const [only] = users;
  return users.size === 1 ? only : undefined;
}

/** The files of a configMap, secret, downwardAPI or projected volume by relative path; undefined for other volumes. @throws VolumeNotReady for missing objects and keys */
export async function collectConfigFiles(source: ConfigFilesSource, volume: Volume): Promise<Map<string, WrittenFile> | undefined> {
  if (volume.configMap !== undefined) return configMapFiles(source, volume.configMap);
  if (volume.secret !== undefined) return secretFiles(source, volume.secret);
  if (volume.downwardAPI !== undefined) return downwardFiles(source, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode);
  if (volume.projected === undefined) return undefined;
  const files = new Map<string, WrittenFile>();
  for (const projection of volume.projected.sources ?? []) {
    for (const [path, file] of await projectedFiles(source, projection, volume.projected.defaultMode)) files.set(path, file);
  }
  return files;
}

/** True where the files must not touch a disk. Pure. */
export function holdsSecrets(volume: Volume): boolean {
  return (
    volume.secret !== undefined ||
    volume.projected?.sources?.some((projection) => projection.secret !== undefined || projection.serviceAccountToken !== undefined) ===
      true
  );
}

function projectedFiles(
  source: ConfigFilesSource,
  projection: VolumeProjection,
  mode: number | undefined,
): Promise<Map<string, WrittenFile>> {
  if (projection.configMap !== undefined) return configMapFiles(source, { ...projection.configMap, defaultMode: mode });
  if (projection.secret !== undefined)
    return secretFiles(source, { ...projection.secret, secretName: projection.secret.name, defaultMode: mode });
  if (projection.downwardAPI !== undefined) return Promise.resolve(downwardFiles(source, projection.downwardAPI.items ?? [], mode));
  if (projection.serviceAccountToken !== undefined && source.tokens !== undefined)
    return tokenFile({ ...source, tokens: source.tokens }, projection.serviceAccountToken, mode);
  const kind = Object.keys(projection).join(', ');
  throw new VolumeNotReady(`projected volumes of this node take configMap, secret, downwardAPI and serviceAccountToken, not ${kind}`);
}

async function tokenFile(
  { pod, tokens }: ConfigFilesSource & { readonly tokens: PodTokens },
  from: ServiceAccountTokenProjection,
  mode: number | undefined,
): Promise<Map<string, WrittenFile>> {
  const token = await tokens.tokenFor(pod, from);
  const content = Buffer.from(token, 'utf8');
  const uid = onlyUserOf(pod);
  const isOwned = uid !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
  return new Map([[from.path, { content, mode: isOwned ? OWNED_TOKEN_MODE : (mode ?? DEFAULT_MODE), uid }]]);
}

async function configMapFiles(source: ConfigFilesSource, from: ConfigMapVolumeSource): Promise<Map<string, WrittenFile>> {
  const found = await source.config.configMap(from.name ?? '');
  if (found === undefined && from.optional !== true) throw new VolumeNotReady(`configmap ${JSON.stringify(from.name)} not found`);
  const contents = new Map<string, Buffer>();
  for (const [key, text] of Object.entries(found?.data ?? {})) contents.set(key, Buffer.from(text, 'utf8'));
  for (const [key, base64] of Object.entries(found?.binaryData ?? {})) contents.set(key, Buffer.from(base64, 'base64'));
  return selectKeys(contents, {
    label: `configmap ${from.name}`,
    isOptional: from.optional === true,
    items: from.items,
    mode: from.defaultMode,
  });
}

async function secretFiles(source: ConfigFilesSource, from: SecretVolumeSource): Promise<Map<string, WrittenFile>> {
  const found = await source.config.secret(from.secretName ?? '');
  if (found === undefined && from.optional !== true) throw new VolumeNotReady(`secret ${JSON.stringify(from.secretName)} not found`);
  const contents = new Map(Object.entries(found?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')]));
  return selectKeys(contents, {
    label: `secret ${from.secretName}`,
    isOptional: from.optional === true,
    items: from.items,
    mode: from.defaultMode,
  });
}

interface Selection {
  readonly label: string;
  readonly isOptional: boolean;
  readonly items: readonly KeyToPath[] | undefined;
  readonly mode: number | undefined;
}

function selectKeys(contents: ReadonlyMap<string, Buffer>, { label, isOptional, items, mode }: Selection): Map<string, WrittenFile> {
  const files = new Map<string, WrittenFile>();
  if (items === undefined) {
    for (const [key, content] of contents) files.set(key, { content, mode: mode ?? DEFAULT_MODE });
    return files;
  }
  for (const item of items) {
    const content = contents.get(item.key);
    if (content !== undefined) files.set(item.path, { content, mode: item.mode ?? mode ?? DEFAULT_MODE });
    else if (!isOptional)
      throw new VolumeNotReady(`${label} has no key ${JSON.stringify(item.key)}; it has: ${[...contents.keys()].join(', ')}`);
  }
  return files;
}

function downwardFiles(
  source: ConfigFilesSource,
  items: readonly DownwardAPIVolumeFile[],
  mode: number | undefined,
): Map<string, WrittenFile> {
  const files = new Map<string, WrittenFile>();
  for (const item of items)
    files.set(item.path, { content: Buffer.from(downwardText(source, item), 'utf8'), mode: item.mode ?? mode ?? DEFAULT_MODE });
  return files;
}

function downwardText({ pod, node }: ConfigFilesSource, item: DownwardAPIVolumeFile): string {
  if (item.fieldRef !== undefined) return fieldValue(pod, item.fieldRef, node);
  const container = pod.spec.containers.find((candidate) => candidate.name === item.resourceFieldRef?.containerName);
  if (item.resourceFieldRef === undefined || container === undefined) {
    throw new VolumeNotReady(`downwardAPI file ${item.path}: resourceFieldRef.containerName must name a container of the pod`);
  }
  return resourceValue(pod, container, { ...item.resourceFieldRef, node });
}
