import { pluginPackages } from '#api/generated/definitions.ts';
import type { Client } from '#machinery/client/client.ts';
import { type KnownPlugin, readPlugins } from './read-plugins.ts';

type Lister = Pick<Client, 'list'>;

/** All plugins, for completion. */
export function pluginNames(client: Lister): Promise<readonly string[]> {
  return namesOf(client, () => true);
}

/** Those that are installed, or on their way in or out. */
export function installedNames(client: Lister): Promise<readonly string[]> {
  return namesOf(client, ({ info }) => info !== undefined);
}

/** Those that are not at work. */
export function absentNames(client: Lister): Promise<readonly string[]> {
  return namesOf(client, ({ state }) => state !== 'Running');
}

/** Packages that were uploaded. */
export async function packageNames(client: Lister): Promise<readonly string[]> {
  return (await client.list(pluginPackages)).items.map(({ metadata }) => metadata.name);
}

async function namesOf(client: Lister, isMeant: (plugin: KnownPlugin) => boolean): Promise<readonly string[]> {
  return (await readPlugins(client)).filter(isMeant).map(({ name }) => name);
}
