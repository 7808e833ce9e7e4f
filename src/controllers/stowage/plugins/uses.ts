import type { ModuleInfo } from '#api/generated/definitions.ts';
import { isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { servedResource } from '../../cluster/custom-resources/instances.ts';
import { observeDriverUses } from './driver-uses.ts';
import type { Plugin, UsesReader } from './plugin.ts';
import { MAX_NAMES, objectsInWords } from './words.ts';

/** What uses a plugin, in words: other plugins that need it, objects of its kinds that did not come with it, and what else it says itself. */
export async function observeUses(
  plugin: Plugin,
  { plugins, infos, reader }: { readonly plugins: readonly Plugin[]; readonly infos: readonly ModuleInfo[]; readonly reader: UsesReader },
): Promise<readonly string[]> {
  const dependents = plugins.filter(({ name, dependencies }) => dependencies.includes(plugin.name) && infoOf(name, infos) !== undefined);
  const uses = dependents.map(({ name }) => `plugin ${JSON.stringify(name)}, which needs it`);
  for (const { metadata } of plugin.definitions) {
    const definition = await reader.definition(metadata.name ?? '');
    // why only ours: what somebody else defined stays, with its objects
    if (definition === undefined || !isBroughtByStowage(definition.metadata)) continue;
    const resource = servedResource(definition);
    if (resource === undefined) continue;
    const used = await foreignObjects(plugin, resource, reader);
    if (used !== undefined) uses.push(used);
  }
  if (plugin.driverName !== undefined) {
    const isOwnOf = (resource: Resource, object: KubeObject): boolean => isOwn(plugin, resource, object);
    uses.push(...(await observeDriverUses(plugin.driverName, { reader, isOwn: isOwnOf })));
  }
  return [...uses, ...((await plugin.uses?.(reader)) ?? [])];
}

/** Objects of a kind that did not come with the plugin, in words; undefined where there are none. */
async function foreignObjects(plugin: Plugin, resource: Resource, reader: UsesReader): Promise<string | undefined> {
  const bringsSome = Object.values(plugin.objects)
    .flat()
    .some((own) => groupResourceOf(own.resource) === groupResourceOf(resource));
  const isKept = plugin.keeps !== undefined && groupResourceOf(plugin.keeps.resource) === groupResourceOf(resource);
  if (!bringsSome && !isKept) {
    const { items, count } = await reader.some(resource, MAX_NAMES);
    return count === 0 ? undefined : objectsInWords(resource, items, count);
  }
  const objects = (await reader.instances(resource)).filter((object) => !isOwn(plugin, resource, object));
  return objects.length === 0 ? undefined : objectsInWords(resource, objects);
}

function isOwn({ objects, keeps }: Plugin, resource: Resource, object: KubeObject): boolean {
  const { metadata } = object;
  if (keeps !== undefined && groupResourceOf(keeps.resource) === groupResourceOf(resource) && keeps.isOwn(object)) return true;
  return Object.values(objects)
    .flat()
    .some(
      (own) =>
        groupResourceOf(own.resource) === groupResourceOf(resource) &&
        own.draft.metadata.name === metadata.name &&
        (own.draft.metadata.namespace ?? '') === (metadata.namespace ?? ''),
    );
}
