import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf, PLUGIN_FINALIZER, pluginOf } from '#api/plugins/plugin-info.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import type { RuleRequest, RuleView } from '../../admission-rule.ts';
import { inUse } from './plan.ts';
import type { PluginCatalog } from './plugin-catalog.ts';
import { observeUses } from './uses.ts';

/** A plugin is used, or on its way out. */
class PluginBusy extends PlatformError {
  constructor(refusal: { readonly reason: 'PluginInUse' | 'PluginLeaving'; readonly message: string }) {
    super({ code: 'PermissionDenied', ...refusal });
  }
}

/**
 * PLUG-2: a plugin that is used is not uninstalled, and the refusal lists what uses it; nothing new is made of the kinds of one that is on its way out.
 * Where it is not asked (a cluster), the controller holds such a plugin by its finalizer.
 */
export function removalAdmission(catalog: PluginCatalog) {
  return {
    name: 'PluginRemoval',
    // why not async: every write is asked about, and nobody waits for one that is none of these
    validate({ verb, kind, subresource, key }: RuleRequest, view: RuleView): Promise<void> | void {
      if (subresource !== '' || verb === 'update') return;
      const kindName = groupResourceOf(kind.resource);
      if (verb === 'create') return refuseWhileLeaving(catalog.bringerOf(kindName), kindName, view);
      if (kindName === groupResourceOf(moduleInfoes)) return refuseWhileUsed(catalog, key, view);
    },
  };
}

function refuseWhileLeaving(name: string | undefined, kindName: string, view: RuleView): void {
  if (name === undefined) return;
  const info = infoOf(name, view.list(moduleInfoes).items);
  if (info?.metadata.deletionTimestamp === undefined) return;
  const message = `${kindName}: the plugin ${JSON.stringify(name)}, which brings the kind, is being uninstalled: install it again when it is gone`;
  throw new PluginBusy({ reason: 'PluginLeaving', message });
}

async function refuseWhileUsed(catalog: PluginCatalog, key: ObjectKey, view: RuleView): Promise<void> {
  const infos = view.list(moduleInfoes).items;
  const plugins = catalog.now(infos);
  const info: ModuleInfo | undefined = infos.find(({ metadata }) => metadata.name === key.name);
  // why the finalizer: without it nothing has come by this object
  if (info === undefined || info.metadata.finalizers?.includes(PLUGIN_FINALIZER) !== true) return;
  if (info.metadata.deletionTimestamp !== undefined) return;
  const plugin = plugins.find(({ name }) => name === pluginOf(info));
  if (plugin === undefined || infoOf(plugin.name, infos)?.metadata.uid !== info.metadata.uid) return;
  const reader = {
    definition: (name: string) => view.get(customResourceDefinitions, { namespace: '', name }),
    instances: <K extends KubeObject>(resource: Resource<K>) => view.list(resource).items,
    some: (resource: Resource, max: number) => {
      const { items } = view.list(resource);
      return { items: items.slice(0, max), count: items.length };
    },
  };
  const uses = await observeUses(plugin, { plugins, infos, reader });
  if (uses.length > 0) throw new PluginBusy({ reason: 'PluginInUse', message: inUse(plugin.name, uses) });
}
