import type { KindRegistry } from '../contract/registry.ts';
import { type Exchange, headerOf } from './messages.ts';
import { isApiPath, parseResourcePath, type ResourcePath } from './route.ts';

/** Labels of kube-apiserver's metrics of requests (apiserver/pkg/endpoints/metrics), in this order; the code comes after them. */
export const REQUEST_LABELS = ['verb', 'dry_run', 'group', 'version', 'resource', 'subresource', 'scope', 'component'] as const;

/** Values of {@link REQUEST_LABELS}. They come from the registry and from fixed sets, never from a client's free text. */
export function requestLabels(registry: KindRegistry, exchange: Exchange): readonly string[] {
  const { query, path } = exchange;
  const dryRun = query.get('dryRun') === 'All' ? 'All' : '';
  const asked = parseResourcePath(exchange.segments);
  const kind = asked === undefined ? undefined : registry.find(asked);
  if (asked === undefined || kind === undefined) {
    const root = isApiPath(path) ? `/${exchange.segments[0] ?? ''}` : '';
    return [plainVerb(exchange.method), dryRun, '', '', '', root, '', COMPONENT];
  }
  const { group, version, plural } = kind.resource;
  const subresource = kind.subresources.find((known) => known === asked.subresource) ?? '';
  return [verbOf(exchange, asked), dryRun, group, version, plural, subresource, scopeOf(asked), COMPONENT];
}

const COMPONENT = 'apiserver';
const KNOWN_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']);

function plainVerb(method: string): string {
  return KNOWN_METHODS.has(method) ? method : 'other';
}

function verbOf({ method, query, request }: Exchange, { name }: ResourcePath): string {
  if (method === 'GET' && query.has('watch') && !FALSE.has(query.get('watch') ?? '')) return 'WATCH';
  if (method === 'GET' && name === '') return 'LIST';
  if (method === 'DELETE' && name === '') return 'DELETECOLLECTION';
  if (method === 'PATCH' && headerOf(request, 'content-type').includes('apply-patch')) return 'APPLY';
  return plainVerb(method);
}

const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'False', 'FALSE']);

function scopeOf({ name, namespace }: ResourcePath): string {
  if (name !== '') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}
