import { type ModuleConfig, moduleConfigs, type ModulePlugin, modulePlugins } from '#api/generated/definitions.ts';
import { type Draft, formatKey, type KubeObject, parseKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { PLUGIN_LABELS } from '#api/plugins/plugin-info.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done } from '#machinery/runtime/controller.ts';
import type { Plugin } from './plugin.ts';

/** What the marketplace is made from. */
export interface CatalogDeps {
  readonly informers: InformerFactory;
  readonly plugins: readonly Plugin[];
}

/** Keeps the entries of the marketplace: one for each plugin that there is; one of a plugin that is no longer there is Absent. */
export function createCatalogController({ informers, plugins }: CatalogDeps): Controller<ModulePlugin> {
  const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
  return {
    name: 'plugin-catalog',
    resource: modulePlugins,
    informer: informers.for(modulePlugins),
    triggers: [],
    wakeUps: (add) => {
      for (const { name } of plugins) add(formatKey({ namespace: '', name }));
      return () => {};
    },
    concurrency: 1,
    reconcile: async ({ client }, entry) => {
      const plugin = byName.get(entry.metadata.name);
      if (plugin !== undefined) await keepSpec(client, modulePlugins, { found: entry, wanted: entryOf(plugin) });
      if (plugin !== undefined) await ensureConfig(client, plugin);
      await keepStatus(client, entry, plugin === undefined ? absent(entry) : readyStatus(plugin));
      return done;
    },
    reconcileGone: async ({ client }, key) => {
      const plugin = byName.get(parseKey(key).name);
      if (plugin !== undefined) await ignoreExisting(client.create(modulePlugins, entryOf(plugin)));
      return done;
    },
  };
}

type Labels = Readonly<Record<string, string>>;

function labelsOf({ name }: Plugin): Labels {
  return { [PLUGIN_LABELS.module]: name, [PLUGIN_LABELS.type]: 'plugin' };
}

function entryOf(plugin: Plugin): Draft<ModulePlugin> {
  const { name, version, displayName, description, dependencies } = plugin;
  return {
    metadata: { name, labels: labelsOf(plugin) },
    spec: { name, version, displayName: { ...displayName }, description: { ...description }, dependencies, defaultConfig: {} },
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
  readonly phase: 'Ready' | 'Absent';
  readonly message?: string;
  /** What comes with the plugin and goes with it. */
  readonly brings: readonly string[];
}

function readyStatus({ definitions, roles, objects }: Plugin): EntryStatus {
  const brings = [
    ...definitions.map(({ metadata }) => `kind ${metadata.name}`),
    ...roles.map(({ metadata }) => `clusterrole ${metadata.name}`),
    ...Object.values(objects)
      .flat()
      .map(({ resource, draft: { metadata } }) => `${groupResourceOf(resource)} ${placeOf(metadata)}`),
  ];
  return { phase: 'Ready', brings };
}

function placeOf({ namespace, name = '' }: Draft<KubeObject>['metadata']): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function absent({ metadata: { name } }: ModulePlugin): EntryStatus {
  return { phase: 'Absent', message: `this version of Stowage has no plugin ${JSON.stringify(name)}`, brings: [] };
}

async function keepStatus(client: Client, entry: ModulePlugin, { phase, message, brings }: EntryStatus): Promise<void> {
  const { status } = entry;
  if (status?.phase === phase && status.message === message && deepEqual(status.brings, brings)) return;
  const body = { status: { phase, message: message ?? null, brings } };
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
