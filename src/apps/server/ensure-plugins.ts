import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { namespaces } from '#api/resources.ts';
import { infoOf, installing, isInstalled, PLUGIN_FINALIZER } from '#api/plugins/plugin-info.ts';
import { effectiveSettings, type PluginSettings } from '#api/plugins/plugin-settings.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { installedOf, type PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { hasCode } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Client } from '#machinery/client/client.ts';
import { madeGroups, noteMade } from './ensure-objects.ts';

/** Which plugins an installation starts with. */
export interface PluginsAtStart {
  /** Installed before. */
  readonly installed: readonly Plugin[];
  /** What was set of those, by the name of the plugin. */
  readonly settings: ReadonlyMap<string, PluginSettings>;
  /** Modules of those of which something is there though they are not at work: they or another version were on their way, or nobody trusts them any more. */
  readonly begun: readonly string[];
  /** Not noted yet as those that this installation began with. */
  readonly unnoted: readonly Plugin[];
  /** Groups of objects that an earlier version made, in which a user may have deleted some, and that are not made again. */
  readonly made: readonly string[];
  /** Those of them that are to be installed now; once, so that what a user uninstalls stays away. */
  readonly first: readonly Plugin[];
}

/** Objects that are made at a time. */
const AT_A_TIME = 4;

const noteOf = ({ name }: Plugin): string => `plugin-${name}`;

/** Reads it; nothing of the plugins need be there yet. */
export async function observePlugins(client: Client, plugins: PluginCatalog): Promise<PluginsAtStart> {
  const [infos, noted] = await Promise.all([infosIfAny(client), madeGroups(client)]);
  // why its objects: an earlier version that knew no plugins made them
  const wasMade = ({ objects }: Plugin): boolean => Object.keys(objects).some((group) => noted[group] !== undefined);
  const unnoted = plugins.builtIn.filter((plugin) => (plugin.isInstalledAtFirst || wasMade(plugin)) && noted[noteOf(plugin)] === undefined);
  const infoOfPlugin = ({ name }: Plugin): ModuleInfo | undefined => infoOf(name, infos);
  const installed = plugins.names.flatMap((name) => installedNow(plugins.versionsOf(name), infoOf(name, infos)) ?? []);
  return {
    installed,
    settings: new Map(installed.map((plugin) => [plugin.name, effectiveSettings(plugin.settings, infoOfPlugin(plugin)?.spec?.config)])),
    begun: plugins.names.flatMap((name) => begunOf(name, { plugins, installed, infos })),
    unnoted,
    made: unnoted.flatMap(({ splitFrom, objects }) =>
      splitFrom !== undefined && noted[splitFrom] !== undefined ? Object.keys(objects) : [],
    ),
    first: unnoted.filter((plugin) => infoOfPlugin(plugin) === undefined),
  };
}

/** The version that is at work from the start: none of a package that nobody trusts, and none where another was on its way, which the controller goes on with. */
function installedNow(versions: readonly Plugin[], info: ModuleInfo | undefined): Plugin | undefined {
  if (info === undefined || !isInstalled(info) || info.status?.targetVersion !== undefined) return undefined;
  const plugin = info.status === undefined ? versions.find(({ from }) => from === undefined) : installedOf(versions, info.status.version);
  return plugin?.from?.refusal === undefined ? plugin : undefined;
}

function begunOf(
  name: string,
  {
    plugins,
    installed,
    infos,
  }: { readonly plugins: PluginCatalog; readonly installed: readonly Plugin[]; readonly infos: readonly ModuleInfo[] },
): readonly string[] {
  const brought = infoOf(name, infos)?.status?.brought ?? [];
  if (brought.length === 0 || installed.some((plugin) => plugin.name === name)) return [];
  return plugins
    .versionsOf(name)
    .slice(-1)
    .map(({ module }) => module);
}

/** Says of those that are at work from the first start on that they are installed. */
export async function installFirst(
  client: Client,
  { unnoted, made, first }: Pick<PluginsAtStart, 'unnoted' | 'made' | 'first'>,
): Promise<void> {
  if (unnoted.length === 0) return;
  const limiter = new Limiter(AT_A_TIME);
  await Promise.all(first.map((plugin) => limiter.run(() => install(client, plugin))));
  // why together: a start that ends here must not make them at the next one
  await noteMade(client, [...unnoted.map(noteOf), ...made]);
}

async function install(client: Client, { name, place }: Plugin): Promise<void> {
  if (place !== undefined) await makePlace(client, place);
  const { metadata, ...rest } = installing(name);
  try {
    await client.create(moduleInfoes, { ...rest, metadata: { ...metadata, finalizers: [PLUGIN_FINALIZER] } });
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}

/** Makes the recommended namespace of a plugin; it stays when the plugin goes, as what others have in it is not the plugin's. */
export async function makePlace(client: Client, name: string): Promise<void> {
  try {
    await client.create(namespaces, { metadata: { name }, spec: {} });
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}

async function infosIfAny(client: Client): Promise<readonly ModuleInfo[]> {
  try {
    return (await client.list(moduleInfoes)).items;
  } catch (thrown) {
    // why: at the first start nobody has defined the kind
    if (hasCode(thrown, 'NotFound')) return [];
    throw thrown;
  }
}
