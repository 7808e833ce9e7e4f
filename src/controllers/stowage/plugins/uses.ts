import type { ModuleInfo } from '#api/generated/definitions.ts';
import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import { isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { servedResource } from '../../cluster/custom-resources/instances.ts';
import type { Plugin } from './plugin.ts';

/** How what is there is read: from the API, or, where a write is judged, from the store. */
export interface UsesReader {
  definition(name: string): Promise<CustomResourceDefinition | undefined> | CustomResourceDefinition | undefined;
  instances(resource: Resource): Promise<readonly KubeObject[]> | readonly KubeObject[];
}

/** So many names stand in a sentence. */
const MAX_NAMES = 5;

/** What uses a plugin, in words: other plugins that need it, and objects of its kinds that did not come with it. */
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
    if (objects.length > 0) uses.push(inWordsOf(resource, objects));
  }
  return uses;
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

/** `3 volumesnapshots.snapshot.storage.k8s.io (shop/a, shop/b, shop/c)` */
function inWordsOf(resource: Resource, objects: readonly KubeObject[]): string {
  const names = objects.map(({ metadata: { namespace, name } }) => (namespace === undefined ? name : `${namespace}/${name}`)).toSorted();
  const more = names.length > MAX_NAMES ? ', …' : '';
  return `${names.length} ${groupResourceOf(resource)} (${names.slice(0, MAX_NAMES).join(', ')}${more})`;
}
