import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf, PLUGIN_FINALIZER, pluginOf } from '#api/plugins/plugin-info.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { inUse } from './plan.ts';
import type { PluginCatalog } from './plugin-catalog.ts';
import { observeUses } from './uses.ts';

/** The part of an admission request that the rule looks at. */
interface Request {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly key: ObjectKey;
}

/** The part of the stored state that the rule looks at. */
interface View {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): K | undefined;
  list<K extends KubeObject>(resource: Resource<K>, namespace?: string): KubeList<K>;
}

/** A plugin is used, or on its way out. */
class PluginBusy extends PlatformError {
  constructor(refusal: { readonly reason: 'PluginInUse' | 'PluginLeaving'; readonly message: string }) {
    super({ code: 'PermissionDenied', ...refusal });
  }
}

/**
 * PLUG-2: a plugin that is used is not uninstalled, and the refusal lists what uses it; nothing new is made of the kinds of one that is on its way out.
 * Where it is not asked (a cluster), the controller holds such a plugin by its finalizer. Has the shape of the API server's AdmissionPlugin without importing it.
 */
export function removalAdmission(catalog: PluginCatalog) {
  return {
    name: 'PluginRemoval',
    async validate({ verb, kind, subresource, key }: Request, view: View): Promise<void> {
      if (subresource !== '') return;
      const kindName = groupResourceOf(kind.resource);
      if (verb === 'create') refuseWhileLeaving(catalog.bringerOf(kindName), kindName, view);
      if (verb === 'delete' && kindName === groupResourceOf(moduleInfoes)) await refuseWhileUsed(catalog, key, view);
    },
  };
}

function refuseWhileLeaving(name: string | undefined, kindName: string, view: View): void {
  if (name === undefined) return;
  const info = infoOf(name, view.list(moduleInfoes).items);
  if (info?.metadata.deletionTimestamp === undefined) return;
  const message = `${kindName}: the plugin ${JSON.stringify(name)}, which brings the kind, is being uninstalled: install it again when it is gone`;
  throw new PluginBusy({ reason: 'PluginLeaving', message });
}

async function refuseWhileUsed(catalog: PluginCatalog, key: ObjectKey, view: View): Promise<void> {
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
    instances: (resource: Resource) => view.list(resource).items,
  };
  const uses = await observeUses(plugin, { plugins, infos, reader });
  if (uses.length > 0) throw new PluginBusy({ reason: 'PluginInUse', message: inUse(plugin.name, uses) });
}
