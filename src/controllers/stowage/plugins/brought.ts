import { createHash } from 'node:crypto';
import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { isBroughtByStowage } from '#api/definitions/brought-definition.ts';
import { clusterRoles, customResourceDefinitions } from '#api/resources.ts';
import { servedResource } from '../../cluster/custom-resources/instances.ts';
import type { Brought, Plugin, UsesReader } from './plugin.ts';
import { MAX_NAMES, objectsInWords } from './words.ts';

/** All that comes with a plugin, in the order in which it comes. */
export function broughtBy({ definitions, roles, objects }: Pick<Plugin, 'definitions' | 'roles' | 'objects'>): readonly Brought[] {
  return [
    ...definitions.map((draft) => referTo(customResourceDefinitions, draft)),
    ...roles.map((draft) => referTo(clusterRoles, draft)),
    ...Object.values(objects)
      .flat()
      .map(({ resource, draft }) => referTo(resource, draft)),
  ];
}

/** What an earlier version brought and this one does not. */
export function leftovers(before: readonly Brought[], plugin: Pick<Plugin, 'definitions' | 'roles' | 'objects'>): readonly Brought[] {
  const kept = new Set(broughtBy(plugin).map(inWords));
  return before.filter((brought) => !kept.has(inWords(brought)));
}

/** Both, each once. */
export function together(before: readonly Brought[], now: readonly Brought[]): readonly Brought[] {
  return [...new Map([...before, ...now].map((brought) => [inWords(brought), brought])).values()];
}

/** `kind disks.shop.example.com`, `clusterrole stowage:disks:view`, `configmaps default/sample`. */
export function inWords({ apiVersion, kind, plural, namespace, name }: Brought): string {
  if (kind === customResourceDefinitions.kind) return `kind ${name}`;
  if (kind === clusterRoles.kind) return `clusterrole ${name}`;
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  return `${groupResourceOf({ group: version === apiVersion ? '' : group, plural })} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

/** The group as which one object of a package is noted as made; a key of a ConfigMap. */
export function groupOfObject(plugin: string, brought: Brought): string {
  return `plugin.${plugin}.${createHash('sha256').update(inWords(brought)).digest('hex').slice(0, GROUP_DIGEST)}`;
}

/** Characters of a digest that are enough to tell the objects of one plugin apart. */
const GROUP_DIGEST = 16;

/** As the API knows it. */
export function resourceOf({ apiVersion, kind, plural, namespace }: Brought): Resource {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [], categories: [] };
  return { group, version, ...names, isNamespaced: namespace !== undefined };
}

/** Why a version of a plugin can't take the place of another: objects of kinds, or stored in versions of kinds, that it does not have any more. */
export async function observeLosses(
  plugin: Pick<Plugin, 'definitions'>,
  { going, reader }: { readonly going: readonly Brought[]; readonly reader: UsesReader },
): Promise<readonly string[]> {
  const losses: string[] = [];
  for (const { name } of going.filter(({ kind }) => kind === customResourceDefinitions.kind)) {
    const objects = await instancesOf(await reader.definition(name), reader);
    if (objects !== undefined) losses.push(objects);
  }
  for (const draft of plugin.definitions) {
    const found = await reader.definition(draft.metadata.name ?? '');
    const versions = found === undefined ? [] : lostVersions(found, draft);
    const objects = versions.length === 0 ? undefined : await instancesOf(found, reader);
    if (objects !== undefined) losses.push(`${objects}, which may be stored in ${versions.join(', ')}`);
  }
  return losses;
}

/** Versions of a kind in which objects may be stored, and that its new definition does not have. */
export function lostVersions({ status }: CustomResourceDefinition, wanted: Draft<CustomResourceDefinition>): readonly string[] {
  const names = new Set(wanted.spec.versions.map(({ name }) => name));
  return (status?.storedVersions ?? []).filter((stored) => !names.has(stored));
}

async function instancesOf(definition: CustomResourceDefinition | undefined, reader: UsesReader): Promise<string | undefined> {
  // why only ours: what somebody else defined stays, with its objects
  if (definition === undefined || !isBroughtByStowage(definition.metadata)) return undefined;
  const resource = servedResource(definition);
  if (resource === undefined) return undefined;
  const { items, count } = await reader.some(resource, MAX_NAMES);
  return count === 0 ? undefined : objectsInWords(resource, items, count);
}

/** An object as it is noted. */
export function referTo(resource: Resource, { metadata: { namespace, name = '' } }: Draft<KubeObject>): Brought {
  const { kind, plural } = resource;
  return { apiVersion: apiVersionOf(resource), kind, plural, ...(namespace === undefined ? {} : { namespace }), name };
}
