import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import type { Module } from './modules/manifest.ts';
import type { InstallationSettings } from './modules/module.ts';

/** The modules that can be installed, as plugins; each has the version of the Stowage that brings it. Pure. */
export function pluginsOf(
  modules: readonly Module[],
  { settings, version }: { readonly settings: InstallationSettings; readonly version: string },
): readonly Plugin[] {
  const pluginNames = new Map(modules.flatMap(({ name, plugin }) => (plugin === undefined ? [] : [[name, plugin.name] as const])));
  return modules.flatMap((module) => {
    const { plugin, name, needs, definitions, roles, initialObjects } = module;
    if (plugin === undefined) return [];
    return [
      {
        name: plugin.name,
        module: name,
        version,
        ...(plugin.place === undefined ? {} : { place: plugin.place }),
        displayName: plugin.displayName,
        description: plugin.description,
        isInstalledAtFirst:
          typeof plugin.isInstalledAtFirst === 'boolean' ? plugin.isInstalledAtFirst : plugin.isInstalledAtFirst(settings.config),
        splitFrom: plugin.splitFrom,
        dependencies: needs.flatMap((needed) => pluginNames.get(needed) ?? []),
        definitions: definitions?.() ?? [],
        roles: roles?.() ?? [],
        objects: initialObjects?.(settings) ?? {},
        ...workOf(module, settings),
      },
    ];
  });
}

/** What it does beside its objects. */
function workOf(
  module: Module,
  installation: InstallationSettings,
): Pick<Plugin, 'settings' | 'driverName' | 'prepare' | 'controllers' | 'rules' | 'uses' | 'keeps'> {
  const { settings, driver, prepare, controllerNames = [], uses, keeps } = module;
  return {
    settings,
    driverName: driver?.driverName,
    prepare: prepare && ((client) => prepare(client, installation)),
    controllers: controllerNames,
    rules: rulesOf(module),
    uses,
    keeps,
  };
}

/** What looks at writes, and what counts for quotas. */
function rulesOf({ admission, quotas = [] }: Module): readonly string[] {
  const names = admission?.({ ownDrivers: () => [], plugins: new PluginCatalog([]), mayDo: () => false }).map(({ name }) => name) ?? [];
  return [...names, ...quotas.map(({ words }) => words.name)];
}
