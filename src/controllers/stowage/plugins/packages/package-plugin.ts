import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import type { ClusterRole, CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import type { SettingsSchema } from '#api/plugins/plugin-settings.ts';
import { clusterRoles, customResourceDefinitions } from '#api/resources.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { parseYaml } from '#kit/parse-yaml.ts';
import { servedResource } from '../../../cluster/custom-resources/instances.ts';
import { groupOfObject, referTo } from '../brought.ts';
import type { PackageOrigin, Plugin, PluginObject } from '../plugin.ts';
import { type OpenedPackage, textOf } from './open-package.ts';
import { CODE_FILE, type PACKAGE_FOLDERS, PACKAGE_LIMITS, type PackageManifest } from './package-format.ts';
import { invalid } from './package-refused.ts';
import { parseSettingsSchema } from './settings-schema.ts';

/** Deeper than any definition is. */
const YAML_LIMITS = { maxDepth: 100, maxChars: 4_000_000 };

/** What a package is made a plugin with. */
export interface PackagedBy extends Pick<PackageOrigin, 'signer' | 'refusal'> {
  /** The plugin of this name that Stowage itself brings, with whose driver and module it works; undefined = none. */
  readonly own: Plugin | undefined;
}

/** The plugin that a package is, as data: nothing of its code is run. @throws PackageRefused where something in it is not what its folder says */
export async function pluginOfPackage(opened: OpenedPackage, { signer, refusal, own }: PackagedBy): Promise<Plugin> {
  const { manifest, digest, files } = opened;
  const { name, version, channel, displayName, description, needs, namespace, driver } = manifest;
  const definitions = (await documentsIn(opened, 'definitions')).map(definitionOf);
  const roles = (await documentsIn(opened, 'roles')).map(roleOf);
  const objects = (await documentsIn(opened, 'objects')).map((document) => objectOf(document, definitions));
  const code = files.get(CODE_FILE);
  refuseWork(manifest, { own, hasCode: code !== undefined });
  return {
    name,
    ...(own === undefined ? { module: `package/${name}`, driverName: driver, settings: settingsOf(manifest) } : workOf(own)),
    version,
    channel,
    displayName,
    description,
    isInstalledAtFirst: false,
    dependencies: needs,
    ...(namespace === undefined ? {} : { place: namespace }),
    definitions,
    roles,
    // why a group each: what a user has deleted stays deleted when a later version comes, and what is new in that one comes
    objects: Object.fromEntries(objects.map((object) => [groupOfObject(name, referTo(object.resource, object.draft)), [object]])),
    from: {
      packageName: packageNameOf(manifest),
      digest,
      fingerprint: opened.signer.fingerprint,
      signer,
      ...(refusal === undefined ? {} : { refusal }),
      ...(code === undefined ? {} : { code: { digest: manifest.files[CODE_FILE] ?? '', source: textOf(code) } }),
    },
  };
}

/** @throws PackageRefused where it names what it can't bring */
function refuseWork(
  { name, driver, settings }: PackageManifest,
  { own, hasCode }: { readonly own: Plugin | undefined; readonly hasCode: boolean },
): void {
  const field = driver === undefined ? 'settings' : 'driver';
  if (own !== undefined && (driver ?? settings) !== undefined)
    invalid(`${field}: the plugin ${name} is one of Stowage itself, and has its own: leave the field out`);
  if (driver !== undefined && !hasCode) invalid(`driver: ${driver} is started by ${CODE_FILE}, which is missing`);
}

/** The schema of its settings. @throws PackageRefused where it is none by which settings can be checked */
function settingsOf({ settings }: PackageManifest): SettingsSchema | undefined {
  if (settings === undefined) return undefined;
  const parsed = parseSettingsSchema(settings);
  return parsed.ok ? parsed.value : invalid(parsed.error);
}

/** What a plugin of Stowage does beside its objects. */
function workOf({
  module,
  settings,
  driverName,
  prepare,
  rules = [],
  uses,
}: Plugin): Pick<Plugin, 'module' | 'settings' | 'driverName' | 'prepare' | 'rules' | 'uses'> {
  return { module, settings, driverName, prepare, rules, uses };
}

/** What the object of a package is called. */
export function packageNameOf({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}-${version}`;
}

interface Document {
  readonly path: string;
  readonly value: Record<string, unknown>;
}

async function documentsIn({ files }: OpenedPackage, folder: (typeof PACKAGE_FOLDERS)[number]): Promise<readonly Document[]> {
  const documents: Document[] = [];
  for (const [path, bytes] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.startsWith(`${folder}/`)) continue;
    documents.push({ path, value: valueOf(path, bytes) });
    // why: others go on between two files
    await new Promise((resolve) => setImmediate(resolve));
  }
  return documents;
}

function valueOf(path: string, bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > PACKAGE_LIMITS.objectBytes)
    invalid(`${path}: has ${bytes.length} bytes: an object has at most ${PACKAGE_LIMITS.objectBytes}`);
  const parsed = parseYaml(textOf(bytes), YAML_LIMITS);
  if (!parsed.ok) return invalid(`${path}: ${parsed.error}`);
  const [twice] = parsed.value.duplicates;
  if (twice !== undefined) invalid(`${path}: a key stands twice: ${typeof twice === 'string' ? twice : twice.key}`);
  return isRecord(parsed.value.value) ? parsed.value.value : invalid(`${path}: has to be one object`);
}

function definitionOf(document: Document): Draft<CustomResourceDefinition> {
  const { path, value } = kindOf(document, customResourceDefinitions);
  const { spec } = value;
  const isWhole = isRecord(spec) && typeof spec['group'] === 'string' && isRecord(spec['names']) && Array.isArray(spec['versions']);
  if (!isWhole) invalid(`${path}: spec: a definition has group, names, scope and versions`);
  // why trusted: what is used here was looked at, and the API checks the rest when it is made
  return trusted<Draft<CustomResourceDefinition>>(value);
}

function roleOf(document: Document): Draft<ClusterRole> {
  const { value } = kindOf(document, clusterRoles);
  // why trusted: the API checks it when it is made
  return trusted<Draft<ClusterRole>>(value);
}

function kindOf(document: Document, resource: Resource): Document {
  const { apiVersion, kind } = document.value;
  if (apiVersion === apiVersionOf(resource) && kind === resource.kind) return named(document);
  return invalid(`${document.path}: has to be a ${resource.kind} of ${apiVersionOf(resource)}`);
}

/** @throws PackageRefused where it has no name, or brings what only a server writes */
function named(document: Document): Document {
  const { path, value } = document;
  const { metadata } = value;
  if (!isRecord(metadata) || typeof metadata['name'] !== 'string' || metadata['name'] === '')
    return invalid(`${path}: metadata.name is missing`);
  const extra = [
    'status',
    ...['uid', 'resourceVersion', 'ownerReferences', 'finalizers', 'deletionTimestamp'].map((key) => `metadata.${key}`),
  ].find((field) => (field === 'status' ? value['status'] : metadata[field.replace('metadata.', '')]) !== undefined);
  return extra === undefined ? document : invalid(`${path}: ${extra}: leave it out`);
}

/** Kinds of Kubernetes itself, and those that the package brings. */
function objectOf(document: Document, definitions: readonly Draft<CustomResourceDefinition>[]): PluginObject {
  const { path, value } = named(document);
  const resources = [
    ...BUILT_IN_KINDS.map(({ resource }) => resource),
    ...definitions.flatMap((definition) => servedResource(definition) ?? []),
  ];
  const resource = resources.find((each) => each.kind === value['kind'] && apiVersionOf(each) === value['apiVersion']);
  const said = `${JSON.stringify(value['kind'])} of ${JSON.stringify(value['apiVersion'])}`;
  if (resource === undefined) return invalid(`${path}: ${said}: objects are of Kubernetes' own kinds, or of those in definitions/`);
  if (resource.kind === 'CustomResourceDefinition' || resource.kind === 'ClusterRole')
    invalid(`${path}: a ${resource.kind} stands in ${resource.kind === 'ClusterRole' ? 'roles/' : 'definitions/'}`);
  // why: it would go with the plugin, and all that others have in it with it
  if (resource.kind === 'Namespace')
    invalid(`${path}: a Namespace is none of its objects: name it in plugin.yaml, as namespace, and it is made and stays`);
  // why trusted: it has a name, and the API checks the rest when it is made
  const draft = trusted<Draft<KubeObject>>(value);
  const hasNamespace = draft.metadata.namespace !== undefined;
  if (resource.isNamespaced !== hasNamespace)
    invalid(`${path}: metadata.namespace: ${resource.isNamespaced ? 'is missing' : `a ${resource.kind} has none`}`);
  return { resource, draft };
}
