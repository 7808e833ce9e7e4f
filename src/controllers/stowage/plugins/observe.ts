import type { ModuleInfo } from '#api/generated/definitions.ts';
import { clusterOf, DEFAULT_CHANNEL, infoOf, isInstalled, OWN_CLUSTER, pluginOf } from '#api/plugins/plugin-info.ts';
import { settingsFaults } from '#api/plugins/plugin-settings.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { apiReader, cachedReader } from './api-reader.ts';
import { leftovers, observeLosses } from './brought.ts';
import { chooseVersion, type VersionChoice } from './choose-version.ts';
import type { DependencyState, planPlugin } from './plan.ts';
import { installedOf } from './plugin-catalog.ts';
import type { PluginHost } from './plugin-host.ts';
import type { Plugin, UsesReader } from './plugin.ts';
import { observeUses } from './uses.ts';

/** What one look is about. */
export interface Look {
  readonly host: PluginHost;
  readonly infos: readonly ModuleInfo[];
  readonly info: ModuleInfo;
  readonly plugin: Plugin | undefined;
}

/** One whose plugin there is. */
export type Found = Look & { readonly plugin: Plugin };

/** The version that it is to have. */
export function choiceFor(info: ModuleInfo, { plugins }: PluginHost): VersionChoice {
  const name = pluginOf(info);
  const { version, channel = DEFAULT_CHANNEL, installPlanApproval = 'Automatic', approvedVersion } = info.spec ?? {};
  const versions = plugins.versionsOf(name);
  return chooseVersion({
    name,
    versions: versions.map((plugin) => ({
      version: plugin.version,
      channel: plugin.channel ?? DEFAULT_CHANNEL,
      refusal: plugin.from?.refusal,
    })),
    installed: installedOf(versions, info.status?.version)?.version,
    wanted: version,
    channel,
    approval: installPlanApproval,
    approved: approvedVersion,
  });
}

/** The plugin in the version that is to come; where there is none, or it is to go, in the one that counts. */
export function subjectOf(
  info: ModuleInfo,
  { host: { plugins }, infos, choice }: Pick<Look, 'host' | 'infos'> & { readonly choice: VersionChoice },
): Plugin | undefined {
  const name = pluginOf(info);
  const chosen = choice.kind === 'version' ? plugins.versionsOf(name).find(({ version }) => version === choice.version) : undefined;
  return (isDeleting(info) ? undefined : chosen) ?? plugins.now(infos).find((plugin) => plugin.name === name);
}

/** What decides what becomes of it. */
export async function observe({ client }: Ctx, look: Look, choice: VersionChoice): Promise<Parameters<typeof planPlugin>[0]> {
  const { host, infos, info, plugin } = look;
  const name = pluginOf(info);
  const first = infoOf(name, infos);
  const isRival = first !== undefined && first.metadata.uid !== info.metadata.uid;
  return {
    name,
    cluster: clusterOf(info),
    ownCluster: OWN_CLUSTER,
    known: host.plugins.names,
    rival: isRival ? first.metadata.name : undefined,
    isDeleting: isDeleting(info),
    installed: info.status?.version,
    target: info.status?.targetVersion,
    choice,
    wantedPlace: info.spec?.namespace,
    place: plugin?.place,
    configFaults: plugin === undefined ? [] : settingsFaults(plugin, info.spec?.config ?? {}),
    ...(plugin === undefined || isRival ? NOTHING : await observePlugin(client, { ...look, plugin })),
  };
}

const NOTHING = { running: undefined, dependencies: [], lacks: [], uses: [], losses: [] };

/** What is asked of the machine and of the objects, only where it decides something. */
async function observePlugin(client: Client, look: Found) {
  const { host, infos, info, plugin } = look;
  const running = host.runtime.versionOf(plugin.module);
  const dependencies = plugin.dependencies.map((dependency) => stateOf(dependency, infos));
  if (isDeleting(info)) return { running, dependencies, lacks: [], uses: await usesOf(client, look), losses: [] };
  const { version = plugin.version, targetVersion, brought = [] } = info.status ?? {};
  const isUpgrade = version !== plugin.version || targetVersion !== undefined;
  return {
    running,
    dependencies,
    lacks: running === plugin.version ? [] : ((await host.nodes?.preflight(plugin)) ?? []),
    uses: [],
    losses: isUpgrade ? await observeLosses(plugin, { going: leftovers(brought, plugin), reader: apiReader(client) }) : [],
  };
}

/** What uses it, and the kinds that an upgrade which was under way may have brought beside its own. */
async function usesOf(client: Client, { host, infos, info, plugin }: Found): Promise<readonly string[]> {
  const going = leftovers(info.status?.brought ?? [], plugin);
  const usesBy = async (reader: UsesReader): Promise<readonly string[]> => [
    ...(await observeUses(plugin, { plugins: host.plugins.now(infos), infos, reader })),
    ...(await observeLosses({ definitions: [] }, { going, reader })),
  ];
  // why first what is held anyway: one that is used is looked at again and again, and may be used by very many objects
  const cached = host.informers === undefined ? [] : await usesBy(cachedReader(client, host.informers));
  return cached.length > 0 ? cached : usesBy(apiReader(client));
}

function isDeleting({ metadata }: ModuleInfo): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function stateOf(name: string, infos: readonly ModuleInfo[]): DependencyState {
  const info = infoOf(name, infos);
  if (info === undefined) return { name, state: 'missing' };
  if (info.metadata.deletionTimestamp !== undefined) return { name, state: 'leaving' };
  return { name, state: isInstalled(info) ? 'running' : 'coming' };
}
