import { capabilitiesOf, type ClassCapabilities } from '#api/capabilities/resolve.ts';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { configMaps, storageClasses } from '#api/resources.ts';
import { isDefaultClass } from '#api/storage/default-class.ts';
import { DESCRIPTIONS } from '#controllers/stowage/capabilities/descriptions.ts';
import { descriptionsOf } from '#controllers/stowage/capabilities/own-drivers.ts';
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
  const [classes, descriptions, loaded] = await Promise.all([
    client.list(storageClasses),
    client.list(configMaps, { namespace, labelSelector: `${label}=${type}` }),
    loadModules(modules),
  ]);
  const known = { own: driversOf(loaded), configMaps: descriptions.items };
  return classes.items.map((storageClass) => knownClass(storageClass, known));
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
