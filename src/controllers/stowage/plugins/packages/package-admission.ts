import { moduleInfoes, type PluginPackage, pluginPackages, type PluginSigner, pluginSigners } from '#api/generated/definitions.ts';
import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { PluginCatalog } from '../plugin-catalog.ts';
import { invalid, PackageRefused } from './package-refused.ts';
import { readPublicKey } from './signature.ts';

/** The part of an admission request that the rule looks at. */
interface Request {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly key: ObjectKey;
  readonly object?: KubeObject;
  readonly previous?: KubeObject;
}

/** The part of the stored state that the rule looks at. */
interface View {
  list<K extends KubeObject>(resource: Resource<K>, namespace?: string): KubeList<K>;
}

/**
 * PLUG-4: a package is looked at before it is stored, whoever writes it: one that is not whole, was changed, is of another product, of somebody who is not trusted, or older
 * than what there is, is refused and leaves nothing. What is stored is not changed, and not removed while its version is installed.
 * Has the shape of the API server's AdmissionPlugin without importing it.
 */
export function packageAdmission(catalog: PluginCatalog) {
  return {
    name: 'PluginPackage',
    async validate({ verb, kind, subresource, key, object, previous }: Request, view: View): Promise<void> {
      if (subresource !== '') return;
      const kindName = groupResourceOf(kind.resource);
      const isPackage = kindName === groupResourceOf(pluginPackages);
      if (!isPackage && kindName !== groupResourceOf(pluginSigners)) return;
      if (verb === 'delete') return isPackage ? refuseWhileInstalled(catalog, key, view) : undefined;
      // why trusted: the kind is that of the request, and its schema was checked
      const wanted = trusted<PluginPackage | PluginSigner>(object);
      if (previous !== undefined) refuseChange(wanted, trusted<PluginPackage | PluginSigner>(previous));
      else if ('publicKey' in wanted.spec) readPublicKey(wanted.spec.publicKey);
      else await checkNew(trusted<PluginPackage>(wanted), catalog, view);
    },
  };
}

function refuseChange(wanted: PluginPackage | PluginSigner, before: PluginPackage | PluginSigner): void {
  if (!deepEqual(wanted.spec, before.spec)) invalid('spec: packages and keys are not changed: delete it and make another');
}

async function checkNew(wanted: PluginPackage, catalog: PluginCatalog, view: View): Promise<void> {
  // why here: where nobody uploads a package nothing of it is loaded
  const { checkPackage } = await import('./check-package.ts');
  await checkPackage(wanted, { catalog, signers: view.list(pluginSigners).items, infos: view.list(moduleInfoes).items });
}

function refuseWhileInstalled(catalog: PluginCatalog, { name }: ObjectKey, view: View): void {
  const plugin = catalog.packaged(name);
  if (plugin === undefined) return;
  const { status } = infoOf(plugin.name, view.list(moduleInfoes).items) ?? {};
  if (status?.version !== plugin.version && status?.targetVersion !== plugin.version) return;
  const message = `the plugin ${plugin.name} is installed in version ${plugin.version}, which is this package: uninstall or upgrade the plugin first`;
  throw new PackageRefused({ reason: 'PluginPackageInUse', message });
}
