import type { VolumePopulator } from '#api/generated/definitions.ts';
import type { CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { DataSource } from '#api/storage/data-source.ts';
import { FILLED_AS } from '#api/storage/populator.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Populator } from './populator.ts';

/** How definitions, and those registered kinds that are filled in as ours, are found by `KIND.GROUP`. */
export const ADOPTED_INDEXES = {
  registered: {
    adopted: ({ metadata, sourceKind: { group, kind } }: VolumePopulator): readonly string[] =>
      metadata.annotations?.[FILLED_AS] === undefined ? [] : [`${kind}.${group}`],
  },
  definitions: { populatedKind: ({ spec }: CustomResourceDefinition): readonly string[] => [`${spec.names.kind}.${spec.group}`] },
} as const;

/** Kinds of others whose objects have the fields of one of ours, as an administrator has said with their registration. */
export interface AdoptedKinds {
  readonly registered: Informer<VolumePopulator>;
  readonly definitions: Informer<CustomResourceDefinition>;
}

/** The populator as which objects of the kind are filled in; undefined where nobody has said so. */
export function adoptedBy(
  { registered }: AdoptedKinds,
  populators: readonly Populator[],
  { kind, group }: DataSource,
): Populator | undefined {
  const [first] = registered.byIndex('adopted', `${kind}.${group}`);
  return populators.find((populator) => populator.kind.kind === first?.metadata.annotations?.[FILLED_AS]);
}

/** Reads an object of such a kind; undefined where it, or the kind, is not there. Read each time: nobody watches kinds of others. */
export async function readAdopted(client: Client, { definitions }: AdoptedKinds, source: DataSource): Promise<KubeObject | undefined> {
  const [definition] = definitions.byIndex('populatedKind', `${source.kind}.${source.group}`);
  const resource = definition && resourceOf(definition);
  if (resource === undefined) return undefined;
  try {
    return await client.get(resource, source.key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

/** As the API serves it; undefined for kinds of the whole cluster, which nobody's namespace has. */
function resourceOf({ spec: { group, names, scope, versions } }: CustomResourceDefinition): Resource | undefined {
  const version = versions.find(({ storage, served }) => storage && served) ?? versions.find(({ served }) => served);
  if (scope !== 'Namespaced' || version === undefined) return undefined;
  const { kind, plural, listKind = `${kind}List`, singular = kind.toLowerCase() } = names;
  return { group, version: version.name, kind, listKind, plural, singular, shortNames: [], categories: [], isNamespaced: true };
}
