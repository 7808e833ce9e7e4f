import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { clusterOf, OWN_CLUSTER, pluginOf } from '#api/plugins/plugin-info.ts';
import { settingsFaults } from '#api/plugins/plugin-settings.ts';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { RuleRequest } from '../../admission-rule.ts';
import type { PluginCatalog } from './plugin-catalog.ts';

/** Settings that a plugin does not take. */
export class PluginConfigInvalid extends PlatformError {
  constructor(faults: readonly string[]) {
    super({ code: 'InvalidArgument', reason: 'PluginConfigInvalid', message: faults.join('; '), details: { field: 'spec.config' } });
  }
}

/** PLUG-1: what a ModuleInfo sets of its plugin is what the plugin's schema has. Where it is not asked (a cluster), the controller says the same in the status. */
export function settingsAdmission(plugins: PluginCatalog) {
  return {
    name: 'PluginSettings',
    validate({ verb, kind, subresource, object, previous }: Omit<RuleRequest, 'key' | 'warn'>): void {
      const { group, plural } = kind.resource;
      // why first: every write comes by here
      if (plural !== moduleInfoes.plural || group !== moduleInfoes.group) return;
      if (subresource === '' && verb !== 'delete') refuseFaults(plugins, infoIn(object), infoIn(previous));
    },
  };
}

function refuseFaults(plugins: PluginCatalog, info: ModuleInfo | undefined, before: ModuleInfo | undefined): void {
  const plugin = info === undefined ? undefined : plugins.now([info]).find(({ name }) => name === pluginOf(info));
  if (info === undefined || plugin === undefined || clusterOf(info) !== OWN_CLUSTER) return;
  // why: what was wrong before must not keep anybody from taking a finalizer or a label off
  if (isUnchanged(info, before)) return;
  const faults = settingsFaults(plugin, info.spec?.config ?? {});
  if (faults.length > 0) throw new PluginConfigInvalid(faults);
}

function infoIn(object: KubeObject | undefined): ModuleInfo | undefined {
  // why trusted: the server has checked the object against the schema of the resource that was just compared
  return object === undefined ? undefined : trusted<ModuleInfo>(object);
}

function isUnchanged(info: ModuleInfo, before: ModuleInfo | undefined): boolean {
  return before !== undefined && pluginOf(before) === pluginOf(info) && deepEqual(before.spec?.config ?? {}, info.spec?.config ?? {});
}
