import { badRequest } from '../contract/status-error.ts';

/** What a path of the API names, beside documents. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  /** `''` = cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** `''` = the collection. */
  readonly name: string;
  readonly subresource: string;
}

/** A request's target, taken apart. */
export interface Target {
  readonly path: string;
  /** Decoded, without empty parts. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/** First parts of the paths that are the API's own; everything else may be somebody else's. */
const OWN: ReadonlySet<string> = new Set([
  'api',
  'apis',
  'openapi',
  'version',
  'healthz',
  'livez',
  'readyz',
  'metrics',
  'openid',
  '.well-known',
]);

/** True for paths of the API, readable or not. */
export function isApiPath(path: string): boolean {
  return OWN.has(path.split(/[/?]/, 2)[1] ?? '');
}

/** Takes a request's target apart. @throws ApiError 400 where its escapes can't be read */
export function parseTarget(url: string): Target {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  try {
    const segments = path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent);
    return { path, segments, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
  } catch {
    // why: the only fault that decoding knows is a broken escape
    throw badRequest(`the path ${JSON.stringify(path.slice(0, 200))} has a broken %-escape`);
  }
}

/** What a path below `/api/v1/` or `/apis/GROUP/VERSION/` names; undefined where it names no resource. */
export function parseResourcePath(segments: readonly string[]): ResourcePath | undefined {
  const [root, ...rest] = segments;
  if (root === 'api') return parseBelow('', rest);
  return root === 'apis' ? parseBelow(rest[0] ?? '', rest.slice(1)) : undefined;
}

/** Parts of a namespace object itself, which must not be taken for resources inside the namespace. */
const OF_NAMESPACE: ReadonlySet<string> = new Set(['status', 'finalize']);

function parseBelow(group: string, [version, ...parts]: readonly string[]): ResourcePath | undefined {
  const [first, second, third] = parts;
  if (version === undefined || first === undefined) return undefined;
  const isInNamespace = first === 'namespaces' && second !== undefined && third !== undefined && !OF_NAMESPACE.has(third);
  const path = pathOf(isInNamespace ? parts.slice(2) : parts);
  return path && { group, version, namespace: isInNamespace ? second : '', ...path };
}

function pathOf([plural = '', name = '', subresource = '', ...more]: readonly string[]):
  | Pick<ResourcePath, 'plural' | 'name' | 'subresource'>
  | undefined {
  // why: what stands behind a proxy is a path of somebody else's
  return more.length > 0 && subresource !== 'proxy' ? undefined : { plural, name, subresource };
}
