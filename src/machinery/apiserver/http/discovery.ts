import type { KindDefinition } from '#api/meta/kind.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { GroupVersion, KindRegistry } from '../contract/registry.ts';
import { parseAccept } from '../representations/negotiate.ts';
import { noSuchPath } from '../contract/status-error.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { encode } from '../representations/render.ts';
import { withReviews } from './reviews/review-kinds.ts';
import { SUBRESOURCES, verbsOf } from './served-verbs.ts';

type Subresource = KindDefinition['subresources'][number];

/** `/api` and `/apis`, plain or aggregated as the client asks. */
export function discoveryRoot(registry: KindRegistry, root: 'api' | 'apis', accept: string): Answer {
  const groups = groupsOf(registry).filter(([group]) => (group === '') === (root === 'api'));
  const aggregated = aggregatedVersion(accept);
  if (aggregated !== undefined) return aggregatedAnswer(groups, aggregated);
  if (root === 'api')
    return jsonAnswer(200, {
      kind: 'APIVersions',
      versions: groups.flatMap(([, versions]) => versions.map(({ version }) => version)),
      serverAddressByClientCIDRs: [],
    });
  return jsonAnswer(200, {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([group, versions]) => plainGroup(group, versions)),
  });
}

/** `/apis/GROUP`. @throws ApiError 404 */
export function discoveryGroup(registry: KindRegistry, group: string): Answer {
  const found = groupsOf(registry).find(([name]) => name === group && name !== '');
  if (found === undefined) throw noSuchPath();
  return jsonAnswer(200, { kind: 'APIGroup', apiVersion: 'v1', ...plainGroup(...found) });
}

/** `/api/v1` and `/apis/GROUP/VERSION`. @throws ApiError 404 */
export function discoveryVersion(registry: KindRegistry, group: string, version: string): Answer {
  const found = withReviews(registry.groupVersions).find((served) => served.group === group && served.version === version);
  if (found === undefined) throw noSuchPath();
  return jsonAnswer(200, {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: found.apiVersion,
    resources: [
      ...found.kinds.flatMap(plainResources),
      ...(found.reviews ?? []).map(({ resource }) => plainResource(resource, ['create'])),
    ],
  });
}

function groupsOf(registry: KindRegistry): readonly (readonly [string, readonly GroupVersion[]])[] {
  return [...Map.groupBy(withReviews(registry.groupVersions), ({ group }) => group)];
}

function plainGroup(name: string, versions: readonly GroupVersion[]): object {
  const list = versions.map(({ apiVersion, version }) => ({ groupVersion: apiVersion, version }));
  return { name, versions: list, preferredVersion: list[0] };
}

function plainResources(kind: KindDefinition): readonly object[] {
  const { resource } = kind;
  const below = kind.subresources.map((name) => ({
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.isNamespaced,
    kind: resource.kind,
    ...SUBRESOURCES[name],
  }));
  return [plainResource(resource, verbsOf(kind)), ...below];
}

function plainResource(resource: Resource, verbs: readonly string[]): object {
  return {
    name: resource.plural,
    singularName: resource.singular,
    namespaced: resource.isNamespaced,
    kind: resource.kind,
    verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
  };
}

/** The version of apidiscovery.k8s.io that the client prefers to the plain form; undefined where it does not. */
function aggregatedVersion(accept: string): 'v2' | 'v2beta1' | undefined {
  for (const { type, parameters } of parseAccept(accept)) {
    if (type !== 'application/json' && type !== '*/*') continue;
    const version = parameters.get('v');
    if (parameters.get('as') === undefined) return undefined;
    if (parameters.get('as') === 'APIGroupDiscoveryList' && (version === 'v2' || version === 'v2beta1')) return version;
  }
  return undefined;
}

function aggregatedAnswer(groups: readonly (readonly [string, readonly GroupVersion[]])[], version: 'v2' | 'v2beta1'): Answer {
  const items = groups.map(([name, versions]) => ({
    metadata: { name, creationTimestamp: null },
    versions: versions.map((served) => ({
      version: served.version,
      freshness: 'Current',
      resources: [
        ...served.kinds.map((kind) => aggregatedResource(kind, verbsOf(kind))),
        ...(served.reviews ?? []).map(({ resource }) => aggregatedResource({ resource, subresources: [] }, ['create'])),
      ],
    })),
  }));
  return {
    status: 200,
    body: encode('json', { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }),
    contentType: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`,
  };
}

function aggregatedResource(
  { resource, subresources }: Pick<KindDefinition, 'resource' | 'subresources'>,
  verbs: readonly string[],
): object {
  const responseKind = { group: resource.group, version: resource.version, kind: resource.kind };
  return {
    resource: resource.plural,
    responseKind,
    scope: resource.isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
    ...(subresources.length === 0
      ? {}
      : {
          subresources: subresources.map((name) => ({
            subresource: name,
            responseKind: responseKindOf(name, responseKind),
            verbs: SUBRESOURCES[name].verbs,
          })),
        }),
  };
}

type GroupVersionKind = Readonly<Record<'group' | 'version' | 'kind', string>>;

function responseKindOf(subresource: Subresource, own: GroupVersionKind): GroupVersionKind {
  const { group = own.group, version = own.version, kind = own.kind } = SUBRESOURCES[subresource];
  return { group, version, kind };
}
