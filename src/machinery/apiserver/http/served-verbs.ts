import type { KindDefinition } from '#api/meta/kind.ts';
import { methodNotAllowed } from '../contract/status-error.ts';
import type { ResourcePath } from './route.ts';

/** Verbs of an object kind, in discovery's order. */
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

type ServedVerb = (typeof VERBS)[number];
type Subresource = KindDefinition['subresources'][number];

interface SubresourceVerbs {
  readonly verbs: readonly ServedVerb[];
  /** What it speaks of where that is not the object itself. */
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
}

/** What each subresource answers to. */
export const SUBRESOURCES: Readonly<Record<Subresource, SubresourceVerbs>> = {
  status: { verbs: ['get', 'patch', 'update'] },
  finalize: { verbs: ['update'] },
  log: { verbs: ['get'] },
  eviction: { verbs: ['create'], kind: 'Eviction', group: 'policy', version: 'v1' },
  exec: { verbs: ['create', 'get'], kind: 'PodExecOptions' },
  attach: { verbs: ['create', 'get'], kind: 'PodAttachOptions' },
  portforward: { verbs: ['create', 'get'], kind: 'PodPortForwardOptions' },
  proxy: { verbs: ['create', 'delete', 'get', 'patch', 'update'], kind: 'PodProxyOptions' },
  ephemeralcontainers: { verbs: ['get', 'patch', 'update'] },
  binding: { verbs: ['create'], kind: 'Binding' },
  scale: { verbs: ['get', 'patch', 'update'], kind: 'Scale', group: 'autoscaling', version: 'v1' },
  token: { verbs: ['create'], kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1' },
};

/** The verbs of a kind itself, as discovery lists them. */
export function verbsOf({ unservedVerbs = [] }: Pick<KindDefinition, 'unservedVerbs'>): readonly ServedVerb[] {
  return VERBS.filter((verb) => !unservedVerbs.some((unserved) => unserved === verb));
}

/** Lets through what discovery lists for a path, and nothing else. @throws ApiError 405 */
export function requireServed(kind: KindDefinition, path: ResourcePath, method: string): void {
  const verb = verbOf(kind, path, method);
  const subresource = kind.subresources.find((known) => known === path.subresource);
  const served = subresource === undefined ? verbsOf(kind) : SUBRESOURCES[subresource].verbs;
  if (verb === undefined || !served.includes(verb)) throw methodNotAllowed(method);
}

const ON_OBJECT: Readonly<Record<string, ServedVerb>> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const ON_SUBRESOURCE: Readonly<Record<string, ServedVerb>> = { ...ON_OBJECT, HEAD: 'get', POST: 'create' };
const ON_COLLECTION: Readonly<Record<string, ServedVerb>> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };
/** What can be done in all namespaces at once. */
const ON_ALL_NAMESPACES: Readonly<Record<string, ServedVerb>> = { GET: 'list' };

function verbOf({ resource }: KindDefinition, path: ResourcePath, method: string): ServedVerb | undefined {
  const verbs = verbsOfPath(resource.isNamespaced, path);
  return Object.hasOwn(verbs, method) ? verbs[method] : undefined;
}

function verbsOfPath(isNamespaced: boolean, { name, namespace, subresource }: ResourcePath): Readonly<Record<string, ServedVerb>> {
  if (subresource !== '') return ON_SUBRESOURCE;
  if (name !== '') return ON_OBJECT;
  return isNamespaced && namespace === '' ? ON_ALL_NAMESPACES : ON_COLLECTION;
}
