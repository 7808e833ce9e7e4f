import { PACKAGES_GROUP } from '#api/definitions/plugin-packages.ts';
import { moduleInfoes, type PluginPackage, pluginPackages, type PluginSigner, pluginSigners } from '#api/generated/definitions.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { RuleRequest, RuleView } from '../../../admission-rule.ts';
import type { PluginCatalog } from '../plugin-catalog.ts';
import { invalid, PackageRefused } from './package-refused.ts';
import { readPublicKey } from './signature.ts';

/**
 * PLUG-4: a package is looked at before it is stored, whoever writes it: one that is not whole, was changed, is of another product, of somebody who is not trusted, or older
 * than what there is, is refused and leaves nothing. What is stored is not changed, and not removed while its version is installed.
 */
export function packageAdmission(catalog: PluginCatalog) {
  return {
    name: 'PluginPackage',
    // why not async: every write is asked about, and nobody waits for one that is none of these
    validate(request: RuleRequest, view: RuleView): Promise<void> | void {
      if (request.kind.resource.group !== PACKAGES_GROUP || request.subresource !== '') return;
      return judgeWrite(request, catalog, view);
    },
  };
}

function judgeWrite({ verb, kind, key, object, previous }: RuleRequest, catalog: PluginCatalog, view: RuleView): Promise<void> | void {
  const isPackage = groupResourceOf(kind.resource) === groupResourceOf(pluginPackages);
  if (verb === 'delete') return isPackage ? refuseWhileInstalled(catalog, key, view) : undefined;
  // why trusted: the kind is that of the request, and its schema was checked
  const wanted = trusted<PluginPackage | PluginSigner>(object);
  if (previous !== undefined) return refuseChange(wanted, trusted<PluginPackage | PluginSigner>(previous));
  if (isPackage) return checkNew(trusted<PluginPackage>(wanted), catalog, view);
  readPublicKey(trusted<PluginSigner>(wanted).spec.publicKey);
}

function refuseChange(wanted: PluginPackage | PluginSigner, before: PluginPackage | PluginSigner): void {
  if (!deepEqual(wanted.spec, before.spec)) invalid('spec: packages and keys are not changed: delete it and make another');
}

async function checkNew(wanted: PluginPackage, catalog: PluginCatalog, view: RuleView): Promise<void> {
  // why here: where nobody uploads a package nothing of it is loaded
  const { checkPackage } = await import('./check-package.ts');
  await checkPackage(wanted, { catalog, signers: view.list(pluginSigners).items, infos: view.list(moduleInfoes).items });
}

function refuseWhileInstalled(catalog: PluginCatalog, { name }: ObjectKey, view: RuleView): void {
  const plugin = catalog.packaged(name);
  if (plugin === undefined) return;
  const { status } = infoOf(plugin.name, view.list(moduleInfoes).items) ?? {};
  if (status?.version !== plugin.version && status?.targetVersion !== plugin.version) return;
  const message = `the plugin ${plugin.name} is installed in version ${plugin.version}, which is this package: uninstall or upgrade the plugin first`;
  throw new PackageRefused({ reason: 'PluginPackageInUse', message });
}
