import type { Type } from '../check/types.ts';
import { CelError, type CelValue, OpaqueValue } from '../values/value.ts';
import { declare, type Overload, typeNamed } from './declare.ts';

interface UrlParts {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** What Go's `url.ParseRequestURI` makes of a text. */
class Url extends OpaqueValue {
  readonly type: Type = typeNamed('url');
  readonly parts: UrlParts;
  readonly #text: string;

  constructor(text: string, parts: UrlParts) {
    super();
    this.#text = text;
    this.parts = parts;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Url && other.#text === this.#text;
  }
}

/** Absolute, or a path: with a scheme a host may stand, and no fragment is looked for. Undefined where it is none. */
export function parseRequestUri(text: string): UrlParts | undefined {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (text === '' || /[\u0000-\u001F\u007F]/.test(text)) return undefined;
  const [, scheme, rest = text] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(text) ?? [];
  const mark = rest.indexOf('?');
  const [before, query] = mark < 0 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)];
  if (scheme === undefined) return before.startsWith('/') && isEscaped(before) ? { scheme: '', host: '', path: before, query } : undefined;
  const place = before.startsWith('/') ? placeOf(before) : { host: '', path: '' };
  return place === undefined ? undefined : { scheme: scheme.toLowerCase(), ...place, query };
}

/** Host and path of what stands behind a scheme. */
function placeOf(text: string): Pick<UrlParts, 'host' | 'path'> | undefined {
  if (!text.startsWith('//')) return isEscaped(text) ? { host: '', path: text } : undefined;
  const slash = text.indexOf('/', 2);
  const [authority, path] = slash < 0 ? [text.slice(2), ''] : [text.slice(2, slash), text.slice(slash)];
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return isHost(host) && isEscaped(path) ? { host, path } : undefined;
}

function isEscaped(path: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(path);
}

function isHost(host: string): boolean {
  return /^(?:\[[0-9a-fA-F:.%]+\]|[^\s<>"[\]\\^`{|}:]*)(?::\d*)?$/.test(host) && isEscaped(host);
}

function hostname({ host }: UrlParts): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)?.[1];
  return bracketed ?? host.replace(/:\d*$/, '');
}

function escapedPath({ path }: UrlParts): string {
  return encodeURI(path).replaceAll('%25', '%');
}

function queryOf({ query }: UrlParts): CelValue {
  const values = new Map<CelValue, CelValue[]>();
  for (const [key, value] of new URLSearchParams(query)) values.set(key, [...(values.get(key) ?? []), value]);
  return values;
}

/** apiserver pkg/cel/library/urls.go. */
export const URLS: readonly Overload[] = [
  declare('url(string) -> url', 'string_to_url', (text: string) => {
    const parts = parseRequestUri(text);
    return parts === undefined
      ? new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`)
      : new Url(text, parts);
  }),
  declare('isURL(string) -> bool', 'is_url_string', (text: string) => parseRequestUri(text) !== undefined),
  declare('url.getScheme() -> string', 'url_get_scheme', ({ parts }: Url) => parts.scheme),
  declare('url.getHost() -> string', 'url_get_host', ({ parts }: Url) => parts.host),
  declare('url.getHostname() -> string', 'url_get_hostname', ({ parts }: Url) => hostname(parts)),
  declare('url.getPort() -> string', 'url_get_port', ({ parts }: Url) => /:(\d*)$/.exec(parts.host)?.[1] ?? ''),
  declare('url.getEscapedPath() -> string', 'url_get_escaped_path', ({ parts }: Url) => escapedPath(parts)),
  declare('url.getQuery() -> map(string, list(string))', 'url_get_query', ({ parts }: Url) => queryOf(parts)),
];
