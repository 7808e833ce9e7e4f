import { pluginPackages, pluginSigners } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';

/** Takes what packages bring into the catalog before anything is started, so that a start has each plugin in the version that is installed. */
export async function takePackages(
  client: Client,
  { plugins, log }: { readonly plugins: PluginCatalog; readonly log: Logger },
): Promise<void> {
  const packages = await itemsIfAny(client, pluginPackages);
  if (packages.length === 0) return;
  // why here: a start without packages loads nothing of them
  const { loadPackage } = await import('#controllers/stowage/plugins/packages/load-package.ts');
  const signers = await itemsIfAny(client, pluginSigners);
  for (const item of packages) {
    try {
      plugins.put(item.metadata.name, await loadPackage(item, { signers, catalog: plugins }));
    } catch (thrown) {
      // why: a platform starts whatever lies in its store; the controller says it in the status
      log.warn('a package of a plugin can not be read', { name: item.metadata.name, err: PlatformError.from(thrown) });
    }
  }
}

async function itemsIfAny<K extends KubeObject>(client: Client, resource: Resource<K>): Promise<readonly K[]> {
  try {
    return (await client.list(resource)).items;
  } catch (thrown) {
    // why: at the first start nobody has defined the kind
    if (hasCode(thrown, 'NotFound')) return [];
    throw thrown;
  }
}
