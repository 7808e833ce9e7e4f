import type { KubeObject } from '#api/meta/object.ts';
import { trusted } from '#kit/json.ts';
import { isSet } from '../http/query.ts';
import type { ApiRequest } from '../request.ts';
import type { AdmissionRequest } from './admission.ts';

/** What a connection into a pod asks for, by its subresource: the kinds of core/v1 that upstream's admission sees as the object. */
const OPTION_KINDS: ReadonlyMap<string, string> = new Map([
  ['attach', 'PodAttachOptions'],
  ['exec', 'PodExecOptions'],
  ['portforward', 'PodPortForwardOptions'],
  ['proxy', 'PodProxyOptions'],
]);
const FLAGS = ['stdin', 'stdout', 'stderr', 'tty'] as const;

/** A connection as admission is asked about it (operation CONNECT). @throws ApiError 400 for a query that can't be read */
export function connectionRequest(request: ApiRequest, query: URLSearchParams, annotations: Map<string, string>): AdmissionRequest {
  const flags = FLAGS.filter((name) => isSet(query, name) === true).map((name) => [name, true]);
  const [container, command] = [query.get('container') ?? '', query.getAll('command')];
  const ports = query.getAll('ports').flatMap((text) => text.split(',').map(Number));
  const options = {
    kind: OPTION_KINDS.get(request.subresource),
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
    isDryRun: false,
    warn: () => {},
    annotations,
  };
}
