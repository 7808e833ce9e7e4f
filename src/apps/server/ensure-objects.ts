import type { ObjectKey } from '#api/meta/object.ts';
import { configMaps, namespaces } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InitialObject } from './initial-objects.ts';
import type { Module } from './modules/manifest.ts';
import type { InstallationSettings } from './modules/module.ts';

/** Says which groups of initial objects were made. */
export const INSTALLATION = { namespace: 'kube-system', name: 'stowage-installation' } as const;
const { namespace: NAMESPACE, name: MARKER } = INSTALLATION;

/**
 * Makes each group of initial objects once in the life of an installation, so that what a user deletes stays deleted.
 * The marker is written after the objects: a crash in between makes the missing ones at the next start.
 */
export async function ensureInitialObjects(client: Client, groups: Readonly<Record<string, readonly InitialObject[]>>): Promise<void> {
  const made = await madeGroups(client);
  for (const [group, objects] of Object.entries(groups)) {
    if (made[group] !== undefined) continue;
    for (const { resource, draft } of objects) await ignoreExisting(client.create(resource, draft));
    await noteMade(client, [group]);
  }
}

/** The initial objects of all modules; where several bring some of one group, those of the earlier one come first. Pure. */
export function initialGroups(
  modules: readonly Module[],
  settings: InstallationSettings,
): Readonly<Record<string, readonly InitialObject[]>> {
  const groups: Record<string, readonly InitialObject[]> = {};
  for (const { initialObjects } of modules) {
    for (const [group, objects] of Object.entries(initialObjects?.(settings) ?? {})) groups[group] = [...(groups[group] ?? []), ...objects];
  }
  return groups;
}

/** Deletes what {@link ensureInitialObjects} made of these groups, the last first, and forgets that it was made; answers whether all are gone. */
export async function removeInitialObjects(client: Client, groups: Readonly<Record<string, readonly InitialObject[]>>): Promise<boolean> {
  const made = await madeGroups(client);
  for (const [group, objects] of Object.entries(groups).toReversed()) {
    if (made[group] === undefined) continue;
    let isLeft = false;
    for (const { resource, draft } of objects.toReversed()) isLeft = (await isLeftOf(client, { resource, draft })) || isLeft;
    if (isLeft) return false;
    await note(client, { [group]: null });
  }
  return true;
}

/** Deletes it; what finalizers or what lies in it keep is left for a while. */
async function isLeftOf(client: Client, { resource, draft }: InitialObject): Promise<boolean> {
  const key = keyOfDraft(draft);
  await ignoreMissing(client.delete(resource, key));
  return (await ignoreMissing(client.get(resource, key))) !== undefined;
}

function keyOfDraft({ metadata: { namespace = '', name = '' } }: InitialObject['draft']): ObjectKey {
  return { namespace, name };
}

/** What is noted as made, by group. */
export async function madeGroups(client: Client): Promise<Readonly<Record<string, string>>> {
  try {
    return (await client.get(configMaps, { namespace: NAMESPACE, name: MARKER })).data ?? {};
  } catch (error) {
    if (hasCode(error, 'NotFound')) return {};
    throw error;
  }
}

/** Notes groups as made. */
export async function noteMade(client: Client, groups: readonly string[]): Promise<void> {
  await ignoreExisting(client.create(namespaces, { metadata: { name: NAMESPACE }, spec: {} }));
  await ignoreExisting(client.create(configMaps, { metadata: { name: MARKER, namespace: NAMESPACE } }));
  await note(client, Object.fromEntries(groups.map((group) => [group, 'made'])));
}

/** Notes groups as not made, where any is noted. */
export async function forgetMade(client: Client, groups: readonly string[]): Promise<void> {
  const made = await madeGroups(client);
  const noted = groups.filter((group) => made[group] !== undefined);
  if (noted.length > 0) await note(client, Object.fromEntries(noted.map((group) => [group, null])));
}

async function note(client: Client, data: Readonly<Record<string, string | null>>): Promise<void> {
  await client.patch(configMaps, { key: { namespace: NAMESPACE, name: MARKER }, patch: { type: 'merge', body: { data } } });
}

async function ignoreMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
    return undefined;
  }
}

async function ignoreExisting(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
  }
}
