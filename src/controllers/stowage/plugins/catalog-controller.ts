import { type ModuleConfig, moduleConfigs, type ModulePlugin, modulePlugins } from '#api/generated/definitions.ts';
import { type Draft, formatKey, type KubeObject, parseKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { DEFAULT_CHANNEL, PLUGIN_LABELS, PREFLIGHT_REQUEST } from '#api/plugins/plugin-info.ts';
import { effectiveSettings, type SettingsSchema } from '#api/plugins/plugin-settings.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done } from '#machinery/runtime/controller.ts';
import { broughtBy, inWords } from './brought.ts';
import type { Plugin, PluginNodes } from './plugin.ts';
import type { PluginCatalog } from './plugin-catalog.ts';

/** What the marketplace is made from. */
export interface CatalogDeps {
  readonly informers: InformerFactory;
  readonly plugins: PluginCatalog;
  /** Who looks at the nodes; absent where they are no business of this process. */
  readonly nodes?: Pick<PluginNodes, 'preflight'> | undefined;
}

/** Keeps the entries of the marketplace: one for each plugin that there is; one of a plugin that is no longer there is Absent. */
export function createCatalogController({ informers, plugins, nodes }: CatalogDeps): Controller<ModulePlugin> {
  const keyOfName = (name: string): string => formatKey({ namespace: '', name });
  return {
    name: 'plugin-catalog',
    resource: modulePlugins,
    informer: informers.for(modulePlugins),
    triggers: [],
    wakeUps: (add) => {
      for (const name of plugins.names) add(keyOfName(name));
      return plugins.onChange((name) => add(keyOfName(name)));
    },
    concurrency: 1,
    reconcile: async ({ client }, entry) => {
      const versions = plugins.versionsOf(entry.metadata.name);
      const newest = newestOf(versions);
      if (newest !== undefined) await keepSpec(client, modulePlugins, { found: entry, wanted: entryOf(newest) });
      for (const version of versions) await ensureConfig(client, version);
      await removeOldConfigs(client, entry.metadata.name, versions);
      if (newest === undefined) await keepStatus(client, entry, absent(entry));
      else await keepStatus(client, entry, { ...readyStatus(newest, versions), ...(await lookAtNodes(entry, newest, nodes)) });
      return done;
    },
    reconcileGone: async ({ client }, key) => {
      const newest = newestOf(plugins.versionsOf(parseKey(key).name));
      if (newest !== undefined) await ignoreExisting(client.create(modulePlugins, entryOf(newest)));
      return done;
    },
  };
}

/** The newest that may be installed; where none may, the newest. */
function newestOf(versions: readonly Plugin[]): Plugin | undefined {
  return versions.findLast(({ from }) => from?.refusal === undefined) ?? versions.at(-1);
}

type Labels = Readonly<Record<string, string>>;

function labelsOf({ name }: Plugin): Labels {
  return { [PLUGIN_LABELS.module]: name, [PLUGIN_LABELS.type]: 'plugin' };
}

function entryOf(plugin: Plugin): Draft<ModulePlugin> {
  const { name, version, displayName, description, dependencies, channel = DEFAULT_CHANNEL, place, settings } = plugin;
  return {
    metadata: { name, labels: labelsOf(plugin) },
    spec: {
      name,
      version,
      displayName: { ...displayName },
      description: { ...description },
      dependencies,
      defaultConfig: effectiveSettings(settings),
      ...schemaOf(settings),
      defaultChannel: channel,
      installMode: 'Cluster',
      ...(place === undefined ? {} : { recommendedNamespace: place }),
    },
  };
}

function configOf(plugin: Plugin): Draft<ModuleConfig> {
  const { name, version, dependencies, settings } = plugin;
  return {
    metadata: { name: `${name}-${version}`, labels: labelsOf(plugin) },
    spec: { moduleName: name, version, dependencies, config: effectiveSettings(settings), ...schemaOf(settings) },
  };
}

/** Where nothing can be set there is no schema. */
function schemaOf(settings: SettingsSchema | undefined): { readonly configSchema?: Readonly<Record<string, unknown>> } {
  return settings === undefined ? {} : { configSchema: { ...settings } };
}

async function ensureConfig(client: Client, plugin: Plugin): Promise<void> {
  const wanted = configOf(plugin);
  try {
    const found = await client.get(moduleConfigs, { namespace: '', name: wanted.metadata.name ?? '' });
    await keepSpec(client, moduleConfigs, { found, wanted });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
    await ignoreExisting(client.create(moduleConfigs, wanted));
  }
}

/** Those of versions that are not there any more. */
async function removeOldConfigs(client: Client, name: string, versions: readonly Plugin[]): Promise<void> {
  const kept = new Set(versions.map((plugin) => configOf(plugin).metadata.name));
  const { items } = await client.list(moduleConfigs, { labelSelector: `${PLUGIN_LABELS.module}=${name}` });
  for (const { metadata, spec } of items) {
    // why the second: what somebody else has made with the label stays
    if (kept.has(metadata.name) || metadata.name !== `${name}-${spec?.version}`) continue;
    await client.delete(moduleConfigs, { namespace: '', name: metadata.name }).catch((thrown: unknown) => {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
    });
  }
}

/** What is published is what the plugin says; labels of others stay. */
async function keepSpec<K extends KubeObject & { readonly spec?: unknown }>(
  client: Client,
  resource: Resource<K>,
  { found, wanted }: { readonly found: K; readonly wanted: Draft<ModulePlugin> | Draft<ModuleConfig> },
): Promise<void> {
  const labels = { ...found.metadata.labels, ...wanted.metadata.labels };
  if (deepEqual(found.spec, wanted.spec) && deepEqual(found.metadata.labels, labels)) return;
  await client.update(resource, { ...found, metadata: { ...found.metadata, labels }, spec: wanted.spec });
}

interface EntryStatus {
  /** Failed = there are versions, and none that may be installed. */
  readonly phase: 'Ready' | 'Failed' | 'Absent';
  readonly reason?: string;
  readonly message?: string;
  /** What comes with the plugin and goes with it. */
  readonly brings: readonly string[];
  readonly versions: readonly VersionEntry[];
  readonly preflight?: Preflight;
}

/** What the nodes lack, as somebody has asked. */
type Preflight = NonNullable<NonNullable<ModulePlugin['status']>['preflight']>;

/** Only where it is asked for: a look costs programs on every node. */
async function lookAtNodes(
  { metadata, status }: ModulePlugin,
  plugin: Plugin,
  nodes: CatalogDeps['nodes'],
): Promise<{ readonly preflight?: Preflight }> {
  const requestedAt = metadata.annotations?.[PREFLIGHT_REQUEST];
  if (requestedAt === undefined || nodes === undefined) return {};
  if (status?.preflight?.requestedAt === requestedAt) return { preflight: status.preflight };
  return { preflight: { requestedAt, lacks: [...(await nodes.preflight(plugin))] } };
}

type VersionEntry = NonNullable<NonNullable<ModulePlugin['status']>['versions']>[number];

function readyStatus(newest: Plugin, versions: readonly Plugin[]): EntryStatus {
  const { driverName, rules = [], controllers = [] } = newest;
  const brings = [
    ...(driverName === undefined ? [] : [`driver ${driverName} on every node`]),
    ...broughtBy(newest).map(inWords),
    ...rules.map((rule) => `rule ${rule} about writes`),
    ...controllers.map((controller) => `controller ${controller}`),
  ];
  const refusal = newest.from?.refusal;
  return {
    ...(refusal === undefined ? { phase: 'Ready' } : { phase: 'Failed', ...refusal }),
    brings,
    versions: versions.map(versionEntry),
  };
}

function versionEntry({ version, channel = DEFAULT_CHANNEL, from }: Plugin): VersionEntry {
  if (from === undefined) return { version, channel, source: 'Stowage', isTrusted: true };
  const { packageName, signer, refusal } = from;
  return { version, channel, source: packageName, isTrusted: refusal === undefined, ...(signer === undefined ? {} : { signer }) };
}

function absent({ metadata: { name } }: ModulePlugin): EntryStatus {
  return { phase: 'Absent', message: `this version of Stowage has no plugin ${JSON.stringify(name)}`, brings: [], versions: [] };
}

async function keepStatus(client: Client, entry: ModulePlugin, wanted: EntryStatus): Promise<void> {
  if (deepEqual(entry.status, wanted)) return;
  const { reason = null, message = null, preflight = null } = wanted;
  const body = { status: { ...wanted, reason, message, preflight } };
  await client.patch(
    modulePlugins,
    { key: { namespace: '', name: entry.metadata.name }, patch: { type: 'merge', body } },
    { subresource: 'status' },
  );
}

async function ignoreExisting(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}
