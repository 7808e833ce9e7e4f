import { type ModuleConfig, moduleConfigs, type ModulePlugin, modulePlugins } from '#api/generated/definitions.ts';
import { type Draft, formatKey, type KubeObject, parseKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { DEFAULT_CHANNEL, PLUGIN_LABELS } from '#api/plugins/plugin-info.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done } from '#machinery/runtime/controller.ts';
import { broughtBy, inWords } from './brought.ts';
import type { Plugin } from './plugin.ts';
import type { PluginCatalog } from './plugin-catalog.ts';

/** What the marketplace is made from. */
export interface CatalogDeps {
  readonly informers: InformerFactory;
  readonly plugins: PluginCatalog;
}

/** Keeps the entries of the marketplace: one for each plugin that there is; one of a plugin that is no longer there is Absent. */
export function createCatalogController({ informers, plugins }: CatalogDeps): Controller<ModulePlugin> {
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
      await keepStatus(client, entry, newest === undefined ? absent(entry) : readyStatus(newest, versions));
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
  const { name, version, displayName, description, dependencies, channel = DEFAULT_CHANNEL, place } = plugin;
  return {
    metadata: { name, labels: labelsOf(plugin) },
    spec: {
      name,
      version,
      displayName: { ...displayName },
      description: { ...description },
      dependencies,
      defaultConfig: {},
      defaultChannel: channel,
      installMode: 'Cluster',
      ...(place === undefined ? {} : { recommendedNamespace: place }),
    },
  };
}

function configOf(plugin: Plugin): Draft<ModuleConfig> {
  const { name, version, dependencies } = plugin;
  return {
    metadata: { name: `${name}-${version}`, labels: labelsOf(plugin) },
    spec: { moduleName: name, version, dependencies, config: {} },
  };
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
}

type VersionEntry = NonNullable<NonNullable<ModulePlugin['status']>['versions']>[number];

function readyStatus(newest: Plugin, versions: readonly Plugin[]): EntryStatus {
  const refusal = newest.from?.refusal;
  return {
    ...(refusal === undefined ? { phase: 'Ready' } : { phase: 'Failed', ...refusal }),
    brings: broughtBy(newest).map(inWords),
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
  const body = { status: { ...wanted, reason: wanted.reason ?? null, message: wanted.message ?? null } };
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
