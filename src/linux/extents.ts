import { PlatformError } from '#kit/errors.ts';

/** A piece of a file that has blocks on the disk; sizes in bytes. */
export interface Extent {
  readonly start: number;
  /** One behind the last byte. */
  readonly end: number;
  /** Where it lies on the disk; absent where that says nothing about its content. */
  readonly place?: number;
}

/** A piece of a volume. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The map of an image's blocks could not be read to its end. */
export class BlockMapUnreadable extends PlatformError {
  constructor(path: string) {
    super({
      code: 'Internal',
      reason: 'BlockMapUnreadable',
      message: `the map of blocks of ${path} could not be read as a whole; copy the snapshot without it`,
      details: { path },
    });
  }
}

/** Columns of `filefrag -v`: number, logical start and end, physical start and end, length, the place that was expected, flags. */
const LINE = /^\s*\d+:\s*(\d+)\.\.\s*(\d+):\s*(\d+)\.\.\s*\d+:\s*\d+:(?:\s*\d+:)?\s*(\S*)$/;
const SUMMARY = /: \d+ extents? found$/;
/** Flags of blocks that were reserved and read as zeros (kernel Documentation/filesystems/fiemap.rst). */
const UNWRITTEN = 'unwritten';
/** Flags of content that does not lie in blocks of its own. */
const PLACELESS = ['unknown_loc', 'delalloc', 'encoded', 'not_aligned', 'inline', 'tail_packed'];

/** Reads the output of `filefrag -v -b1 PATH`: the pieces that hold data, in order. @throws BlockMapUnreadable where it does not end as it should */
export function parseExtents(text: string, path: string): readonly Extent[] {
  const lines = text.trimEnd().split('\n');
  if (!SUMMARY.test(lines.at(-1) ?? '')) throw new BlockMapUnreadable(path);
  return lines.flatMap((line) => {
    const [, start, last, place, flags = ''] = LINE.exec(line) ?? [];
    if (start === undefined || flags.includes(UNWRITTEN)) return [];
    const isPlaceless = PLACELESS.some((flag) => flags.includes(flag));
    return [{ start: Number(start), end: Number(last) + 1, ...(isPlaceless ? {} : { place: Number(place) }) }];
  });
}

/** The pieces that hold data, touching ones as one. */
export function allocatedRanges(extents: readonly Extent[]): readonly ByteRange[] {
  return joined(extents.map(({ start, end }) => ({ start, end })));
}

/**
 * The pieces that may differ between two files of one filesystem: all but those that are the same blocks, or holes in both. A block that two files
 * share is never written in place, so the same place is the same content.
 */
export function changedRanges(base: readonly Extent[], target: readonly Extent[]): readonly ByteRange[] {
  const edges = [...new Set([...base, ...target].flatMap(({ start, end }) => [start, end]))].toSorted((a, b) => a - b);
  const changed: ByteRange[] = [];
  const [before, after] = [cursorOver(base), cursorOver(target)];
  for (const [index, start] of edges.entries()) {
    const end = edges[index + 1];
    if (end === undefined) break;
    if (!isSameContent(before(start), after(start), start)) changed.push({ start, end });
  }
  return joined(changed);
}

/** Finds the extent at a position; positions only go up. */
function cursorOver(extents: readonly Extent[]): (position: number) => Extent | undefined {
  let index = 0;
  return (position) => {
    while ((extents[index]?.end ?? Number.POSITIVE_INFINITY) <= position) index += 1;
    const extent = extents[index];
    return extent !== undefined && extent.start <= position ? extent : undefined;
  };
}

function isSameContent(a: Extent | undefined, b: Extent | undefined, position: number): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.place === undefined || b.place === undefined) return false;
  return a.place + (position - a.start) === b.place + (position - b.start);
}

function joined(ranges: readonly ByteRange[]): readonly ByteRange[] {
  const result: ByteRange[] = [];
  for (const range of ranges) {
    const last = result.at(-1);
    if (last !== undefined && last.end === range.start) result[result.length - 1] = { start: last.start, end: range.end };
    else result.push(range);
  }
  return result;
}
