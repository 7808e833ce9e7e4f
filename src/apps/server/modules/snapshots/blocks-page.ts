import { isRecord } from '#kit/json.ts';

/** Where the port of the API answers which blocks of a snapshot hold data, or have changed: `?namespace=…&name=…&since=…&offset=…`. */
export const BLOCKS_PATH = '/volumes.stowage.dev/blocks';

/** A piece of a volume, in bytes. */
export interface BlockRange {
  readonly offset: number;
  readonly size: number;
}

/** Some of the blocks, in order. */
export interface BlocksPage {
  /** Of the volume, in bytes. */
  readonly volumeSizeBytes: number;
  readonly blocks: readonly BlockRange[];
  /** The offset to go on from; absent = this is all. */
  readonly next?: number;
}

/** Which page is asked for. */
export interface PageQuestion {
  readonly namespace: string;
  readonly name: string;
  /** Only what has changed since this snapshot. */
  readonly since?: string | undefined;
  readonly offset: number;
}

/** The question as a path. */
export function pagePath({ namespace, name, since, offset }: PageQuestion): string {
  const query = new URLSearchParams({ namespace, name, offset: String(offset), ...(since === undefined ? {} : { since }) });
  return `${BLOCKS_PATH}?${query.toString()}`;
}

/** The question that a path asks; undefined where it asks none. */
export function parsePagePath(path: string): PageQuestion | undefined {
  const query = new URL(path, 'https://stowage').searchParams;
  const [namespace = '', name = '', offset = '0'] = ['namespace', 'name', 'offset'].map((key) => query.get(key) ?? undefined);
  if (namespace === '' || name === '' || !/^\d{1,15}$/.test(offset)) return undefined;
  return { namespace, name, since: query.get('since') ?? undefined, offset: Number(offset) };
}

/** True for what a platform answers. */
export function isBlocksPage(value: unknown): value is BlocksPage {
  return (
    isRecord(value) && typeof value['volumeSizeBytes'] === 'number' && Array.isArray(value['blocks']) && value['blocks'].every(isRange)
  );
}

function isRange(value: unknown): boolean {
  return isRecord(value) && typeof value['offset'] === 'number' && typeof value['size'] === 'number';
}
