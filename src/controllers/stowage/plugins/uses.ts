import type { ModuleInfo } from '#api/generated/definitions.ts';
import { isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { servedResource } from '../../cluster/custom-resources/instances.ts';
import { observeDriverUses } from './driver-uses.ts';
import type { Plugin, UsesReader } from './plugin.ts';
import { objectsInWords } from './words.ts';

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
    const objects = (await reader.instances(resource)).filter((object) => !isOwn(plugin, resource, object));
    if (objects.length > 0) uses.push(objectsInWords(resource, objects));
  }
  if (plugin.driverName !== undefined) {
    const isOwnOf = (resource: Resource, object: KubeObject): boolean => isOwn(plugin, resource, object);
    uses.push(...(await observeDriverUses(plugin.driverName, { reader, isOwn: isOwnOf })));
  }
  return [...uses, ...((await plugin.uses?.(reader)) ?? [])];
}

function isOwn({ objects }: Plugin, resource: Resource, { metadata }: KubeObject): boolean {
  return Object.values(objects)
    .flat()
    .some(
      (own) =>
        groupResourceOf(own.resource) === groupResourceOf(resource) &&
        own.draft.metadata.name === metadata.name &&
        (own.draft.metadata.namespace ?? '') === (metadata.namespace ?? ''),
    );
}
