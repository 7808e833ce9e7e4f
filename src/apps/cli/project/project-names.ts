import { bucketClasses } from '#api/generated/definitions.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { namespaces, storageClasses } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { readProjects } from './read-projects.ts';

/** All projects, for completion. */
export async function projectNames(client: Pick<Client, 'list'>): Promise<readonly string[]> {
  return (await readProjects(client)).map(({ name }) => name);
}

/** A project, and behind it what can be given to one: `ns/NAME`, `sc/NAME`, `bucketclass/NAME`. */
export async function assignableNames(client: Pick<Client, 'list'>, index: number): Promise<readonly string[]> {
  if (index === 0) return projectNames(client);
  const listed = [namesOf(client, namespaces, 'ns'), namesOf(client, storageClasses, 'sc'), namesOf(client, bucketClasses, 'bucketclass')];
  return (await Promise.all(listed)).flat();
}

async function namesOf<K extends KubeObject>(
  client: Pick<Client, 'list'>,
  resource: Resource<K>,
  type: string,
): Promise<readonly string[]> {
  try {
    return (await client.list(resource)).items.map(({ metadata }) => `${type}/${metadata.name}`);
  } catch (thrown) {
    // why: a kind whose plugin is not there, or that the user may not list, hides no other
    if (hasCode(thrown, 'NotFound', 'PermissionDenied')) return [];
    throw thrown;
  }
}
