import { projects } from '#api/generated/definitions.ts';
import { type ProjectSummary, summariseProjects } from '#api/projects/summary.ts';
import { namespaces, storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { requirePlugin } from '../plugin/require-plugin.ts';

/** Every project that the caller may see anything of. @throws PluginNotInstalled */
export async function readProjects(client: Pick<Client, 'list'>): Promise<readonly ProjectSummary[]> {
  await requirePlugin(client, 'projects');
  const [listed, members, classes] = await Promise.all([
    client.list(projects).catch((thrown: unknown) => {
      // why: a cluster without the definition has projects by labels only
      if (hasCode(thrown, 'NotFound')) return { items: [] };
      throw thrown;
    }),
    client.list(namespaces),
    client.list(storageClasses),
  ]);
  return summariseProjects({ projects: listed.items, namespaces: members.items, classes: classes.items });
}
