import { notAcceptable } from '../contract/status-error.ts';

/** How an answer is put: the object itself, rows for kubectl, or metadata only. */
export interface Representation {
  readonly as: 'Object' | 'Table' | 'PartialObjectMetadata';
  readonly format: 'json' | 'yaml';
  /** Version of meta.k8s.io of tables and metadata. */
  readonly version: 'v1' | 'v1beta1';
}

const PLAIN: Representation = { as: 'Object', format: 'json', version: 'v1' };

/** One entry of an Accept header. */
export interface MediaRange {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The entries of an Accept header, the preferred first (RFC 9110 section 12.5.1: by `q`, then as written). */
export function parseAccept(header: string): readonly MediaRange[] {
  const ranges = header
    .split(',')
    .map((part) => {
      const [type = '', ...rest] = part.split(';').map((text) => text.trim());
      const parameters = new Map(
        rest.map((text) => [text.slice(0, Math.max(0, text.indexOf('='))).toLowerCase(), text.slice(text.indexOf('=') + 1)]),
      );
      return { type: type.toLowerCase(), parameters };
    })
    .filter((range) => range.type !== '');
  return ranges
    .map((range, order) => ({ range, order, quality: Number(range.parameters.get('q') ?? '1') }))
    .filter(({ quality }) => !(quality <= 0))
    .sort((a, b) => b.quality - a.quality || a.order - b.order)
    .map(({ range }) => range);
}

/** The first asked representation that is served; plain JSON where nothing is asked. @throws ApiError 406 */
export function negotiate(header: string): Representation {
  const ranges = parseAccept(header);
  if (ranges.length === 0) return PLAIN;
  for (const range of ranges) {
    const found = representationOf(range);
    if (found !== undefined) return found;
  }
  throw notAcceptable();
}

function representationOf({ type, parameters }: MediaRange): Representation | undefined {
  const format = FORMATS.get(type);
  if (format === undefined) return undefined;
  const as = parameters.get('as');
  if (as === undefined) return { ...PLAIN, format };
  const version = parameters.get('v');
  if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return { as: 'Table', format, version };
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? { as: 'PartialObjectMetadata', format, version }
    : undefined;
}

const FORMATS: ReadonlyMap<string, Representation['format']> = new Map([
  ['application/json', 'json'],
  ['application/*', 'json'],
  ['*/*', 'json'],
  ['application/yaml', 'yaml'],
]);
