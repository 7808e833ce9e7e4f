import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import { isSet } from '../contract/query-flag.ts';
import type { ApiRequest } from '../contract/request.ts';
import type { MutableRequest } from '../contract/admission.ts';
import { FLAGS } from './connection-options.ts';

/** What a connection into a pod asks for, by its subresource: the kinds of core/v1 that upstream's admission sees as the object. */
const OPTION_KINDS: ReadonlyMap<string, string> = new Map([
  ['attach', 'PodAttachOptions'],
  ['exec', 'PodExecOptions'],
  ['portforward', 'PodPortForwardOptions'],
  ['proxy', 'PodProxyOptions'],
]);

/** A connection as admission is asked about it (operation CONNECT). @throws ApiError 400 for a query that can't be read */
export function connectionRequest(request: ApiRequest, query: URLSearchParams, annotations: Map<string, string>): MutableRequest {
  const flags = FLAGS.filter((name) => isSet(query, name) === true).map((name) => [name, true]);
  const [container, command] = [query.get('container') ?? '', query.getAll('command')];
  const ports = query.getAll('ports').flatMap((text) => text.split(',').map(Number));
  const kind = OPTION_KINDS.get(request.subresource) ?? '';
  const options = {
    kind,
    apiVersion: 'v1',
    ...Object.fromEntries(flags),
    ...(container === '' ? {} : { container }),
    ...(command.length === 0 ? {} : { command }),
    ...(ports.length === 0 ? {} : { ports }),
  };
  return {
    verb: 'connect',
    user: request.user,
    kind: request.kind,
    subresource: request.subresource,
    key: { namespace: request.namespace, name: request.name },
    // why trusted: options have no metadata, and nobody looks for it in a connection
    object: trusted<KubeObject>(options),
    sent: { group: '', version: 'v1', kind },
    isDryRun: false,
    warn: () => {},
    annotations,
  };
}

/** The query of a connection with these options. */
export function connectionQuery(options: KubeObject): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    if (name === 'kind' || name === 'apiVersion') continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  return query;
}
