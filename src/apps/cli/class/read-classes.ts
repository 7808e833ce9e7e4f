import { capabilitiesOf, type ClassCapabilities } from '#api/capabilities/resolve.ts';
import { moduleInfoes } from '#api/generated/definitions.ts';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { infoOf, isInstalled } from '#api/plugins/plugin-info.ts';
import { configMaps, storageClasses } from '#api/resources.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { DESCRIPTIONS } from '#controllers/stowage/capabilities/descriptions.ts';
import { descriptionsOf } from '#controllers/stowage/capabilities/own-drivers.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { driversOf } from '../../server/modules/drivers-of.ts';
import { loadModules, type ModuleManifest } from '../../server/modules/manifest.ts';

/** A class, and what it can do. */
export interface KnownClass extends ClassCapabilities {
  readonly name: string;
  readonly provisioner: string;
  readonly isDefault: boolean;
}

/** Every class with all that is known of it. */
export async function readClasses(client: Pick<Client, 'list'>, modules: readonly ModuleManifest[]): Promise<readonly KnownClass[]> {
  const { namespace, label, type } = DESCRIPTIONS;
  const [classes, descriptions, loaded, atWork] = await Promise.all([
    client.list(storageClasses),
    client.list(configMaps, { namespace, labelSelector: `${label}=${type}` }),
    loadModules(modules),
    modulesAtWork(client, modules),
  ]);
  const known = { own: driversOf(loaded, atWork), configMaps: descriptions.items };
  return classes.items.map((storageClass) => knownClass(storageClass, known));
}

/** Modules that are no plugins are always at work; an API that knows no plugins has none of their drivers. */
async function modulesAtWork(client: Pick<Client, 'list'>, modules: readonly ModuleManifest[]): Promise<ReadonlySet<string>> {
  const infos = await client.list(moduleInfoes).catch((thrown: unknown) => {
    if (hasCode(thrown, 'NotFound', 'PermissionDenied')) return { items: [] };
    throw thrown;
  });
  const isAtWork = (plugin: string): boolean => {
    const info = infoOf(plugin, infos.items);
    return info !== undefined && isInstalled(info);
  };
  return new Set(modules.filter(({ plugin }) => plugin === undefined || isAtWork(plugin.name)).map(({ name }) => name));
}

function knownClass(storageClass: StorageClass, known: Parameters<typeof descriptionsOf>[1]): KnownClass {
  const { metadata, provisioner } = storageClass;
  return {
    name: metadata.name,
    provisioner,
    isDefault: isDefaultClass(storageClass),
    ...capabilitiesOf(storageClass, descriptionsOf(storageClass, known)),
  };
}
