import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { clusterRoles, customResourceDefinitions } from '#api/resources.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import type { Store } from '#machinery/store/store.ts';
import { stored } from './invariants.ts';
import { NODE_COUNT, type World } from './world.ts';

/** Of plugins, what is still under way or left behind: each is there whole, on every node, or nothing is. */
export function unsettledPlugins(world: World): readonly string[] {
  const { server } = world;
  if (server === undefined) return [];
  const infos = stored(server.store, moduleInfoes);
  return server.atWork.plugins.builtIn.flatMap((plugin) => {
    const info = infoOf(plugin.name, infos);
    const left = tracesOf(plugin, world, server.store);
    if (info === undefined) return left.some.map((what) => `${plugin.name} is not installed, and ${what} is left`);
    return whyUnsettled(info, plugin, infos) ?? left.missing.map((what) => `${plugin.name} is installed, and ${what} is missing`);
  });
}

/** Why a plugin need not be whole; `[]` = it need not, undefined = it must be. */
function whyUnsettled(
  { metadata, status }: ModuleInfo,
  { name, dependencies }: Plugin,
  infos: readonly ModuleInfo[],
): readonly string[] | undefined {
  if (metadata.deletionTimestamp !== undefined) return status?.reason === 'PluginInUse' ? undefined : [`${name} is not gone`];
  if (status?.phase === 'Running') return undefined;
  const isAlone = dependencies.some((needed) => infoOf(needed, infos) === undefined);
  return isAlone && status?.reason === 'PluginDependencyMissing' ? [] : [`${name} is ${status?.phase}: ${status?.message}`];
}

/** What there is of a plugin, and what there is not. */
function tracesOf(
  { definitions, roles, module, driverName }: Plugin,
  { server, plugins }: World,
  store: Store,
): { readonly some: readonly string[]; readonly missing: readonly string[] } {
  const kinds = new Set(stored(store, customResourceDefinitions).map(({ metadata }) => metadata.name));
  const rolesNow = new Set(stored(store, clusterRoles).map(({ metadata }) => metadata.name));
  const serving = plugins.serving(module).length;
  const parts: readonly (readonly [what: string, isThere: boolean, isWhole?: boolean])[] = [
    ...definitions.map(({ metadata: { name = '' } }) => [name, kinds.has(name)] as const),
    ...roles.map(({ metadata: { name = '' } }) => [name, rolesNow.has(name)] as const),
    ['what it does', server?.atWork.has(module) === true],
    ...(driverName === undefined ? [] : [['its driver', serving > 0, serving === NODE_COUNT] as const]),
  ];
  return {
    some: parts.filter(([, isThere]) => isThere).map(([what]) => what),
    missing: parts.filter(([, isThere, isWhole = isThere]) => !isWhole).map(([what]) => what),
  };
}
