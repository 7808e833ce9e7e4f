import type { KubeObject } from '#api/meta/object.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { isSet } from '../http/query.ts';
import type { ApiRequest } from '../request.ts';
import type { MutableRequest } from './admission.ts';

/** What a connection into a pod asks for, by its subresource: the kinds of core/v1 that upstream's admission sees as the object. */
const OPTION_KINDS: ReadonlyMap<string, string> = new Map([
  ['attach', 'PodAttachOptions'],
  ['exec', 'PodExecOptions'],
  ['portforward', 'PodPortForwardOptions'],
  ['proxy', 'PodProxyOptions'],
]);
const FLAGS = ['stdin', 'stdout', 'stderr', 'tty'] as const;

/** A connection as admission is asked about it (operation CONNECT). @throws ApiError 400 for a query that can't be read */
export function connectionRequest(request: ApiRequest, query: URLSearchParams, annotations: Map<string, string>): MutableRequest {
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

const isText = (value: unknown): boolean => typeof value === 'string';
/** What options may hold, whatever a policy makes of them. */
const HOLDS: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ...['kind', 'apiVersion', 'container'].map((name) => [name, isText] as const),
  ...FLAGS.map((name) => [name, (value: unknown): boolean => typeof value === 'boolean'] as const),
  ['command', (value) => Array.isArray(value) && value.every(isText)],
  ['ports', (value) => Array.isArray(value) && value.every((port) => Number.isInteger(port))],
]);

/** What is wrong with options that a policy changed; undefined where nothing is. */
export function optionsFault(before: KubeObject, options: unknown): string | undefined {
  if (!isRecord(options) || options['kind'] !== before.kind || options['apiVersion'] !== before.apiVersion)
    return 'the mutation makes something else of the options: their kind and apiVersion have to stay';
  for (const [name, value] of Object.entries(options)) {
    const holds = HOLDS.get(name);
    if (holds === undefined) return `strict decoding error: unknown field ${JSON.stringify(name)}`;
    if (!holds(value)) return `${name} of ${before.kind} can not be ${JSON.stringify(value)}`;
  }
  return undefined;
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
