import type { CustomResourceDefinition, CustomResourceDefinitionSpec, CustomResourceDefinitionVersion } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';

/** What of a definition a test chooses. */
export interface DefinitionOverrides extends Partial<Pick<CustomResourceDefinitionSpec, 'group' | 'scope' | 'conversion'>> {
  readonly names?: Partial<CustomResourceDefinitionSpec['names']>;
  readonly versions?: readonly Partial<CustomResourceDefinitionVersion>[];
}

/** A schema of an object with this spec (and any status). */
export function aSchema(spec: object, more: object = {}): CustomResourceDefinitionVersion['schema'] {
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return trusted({ openAPIV3Schema: { type: 'object', properties: { spec, status }, ...more } });
}

/** A definition of the kind Disk of `shop.example.com` in one version v1, with sizes from 1 to 10. */
export function aDefinition(
  overrides: DefinitionOverrides = {},
): Draft<CustomResourceDefinition> & { readonly spec: CustomResourceDefinitionSpec } {
  const { group = 'shop.example.com', scope = 'Namespaced', names = {}, versions = [{}], conversion } = overrides;
  const plural = names.plural ?? 'disks';
  const schema = aSchema({
    type: 'object',
    required: ['size'],
    properties: { size: { type: 'integer', minimum: 1, maximum: 10 }, color: { type: 'string', default: 'grey' } },
  });
  return {
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope,
      names: { plural, singular: 'disk', kind: 'Disk', listKind: 'DiskList', ...names },
      ...(conversion === undefined ? {} : { conversion }),
      versions: versions.map((version, index) => ({
        name: 'v1',
        served: true,
        storage: index === 0,
        subresources: { status: {} },
        schema,
        ...version,
      })),
    },
  };
}

/** The resource of a definition in one of its versions. */
export function resourceOf({ spec }: { readonly spec: CustomResourceDefinitionSpec }, version = 'v1'): Resource {
  const { plural, kind, singular = '', listKind = '' } = spec.names;
  return {
    group: spec.group,
    version,
    plural,
    kind,
    singular,
    listKind,
    shortNames: [],
    categories: [],
    isNamespaced: spec.scope === 'Namespaced',
  };
}

/** Makes a definition and establishes it, as its controller would. */
export async function establish(client: Client, draft: ReturnType<typeof aDefinition>): Promise<CustomResourceDefinition> {
  const made = await client.create(customResourceDefinitions, draft);
  const condition = (type: string): object => ({ type, status: 'True', reason: 'Test', lastTransitionTime: '2026-01-01T00:00:00Z' });
  const body = {
    status: {
      acceptedNames: made.spec.names,
      storedVersions: made.spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
      conditions: [condition('NamesAccepted'), condition('Established')],
    },
  };
  const key = { namespace: '', name: made.metadata.name };
  return client.patch(customResourceDefinitions, { key, patch: { type: 'merge', body } }, { subresource: 'status' });
}
