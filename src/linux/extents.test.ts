import { describe, expect, it } from 'vitest';
import { allocatedRanges, changedRanges, parseExtents } from './extents.ts';

const TEXT = `Filesystem type is: 58465342
File size of x is 104857600 (104857600 blocks of 1 bytes)
 ext:     logical_offset:        physical_offset: length:   expected: flags:
   0:        0..    4095:      40960..     45055:   4096:             shared
   1:     4096..    8191:      45056..     49151:   4096:             unwritten
   2:     8192..   12287:      90000..     94095:   4096:      49152: last,shared,eof
x: 2 extents found
`;

describe('parseExtents', () => {
  it('reads where data lies, and leaves out what was reserved only', () => {
    expect(parseExtents(TEXT, 'x')).toEqual([
      { start: 0, end: 4096, place: 40960 },
      { start: 8192, end: 12288, place: 90000 },
    ]);
    expect(parseExtents('Filesystem type is: ef53\nx: 0 extents found\n', 'x')).toEqual([]);
  });

  it('trusts no map that ends in the middle', () => {
    expect(() => parseExtents(TEXT.slice(0, 300), 'x')).toThrow(expect.objectContaining({ reason: 'BlockMapUnreadable' }));
  });
});

describe('changedRanges', () => {
  const base = [{ start: 0, end: 100, place: 1000 }];
  it.each([
    { name: 'nothing', target: base, is: [] },
    {
      name: 'a piece written anew',
      target: [
        { start: 0, end: 40, place: 1000 },
        { start: 40, end: 60, place: 5000 },
        { start: 60, end: 100, place: 1060 },
      ],
      is: [{ start: 40, end: 60 }],
    },
    { name: 'a piece given back', target: [{ start: 0, end: 40, place: 1000 }], is: [{ start: 40, end: 100 }] },
    { name: 'a piece behind it', target: [...base, { start: 200, end: 300, place: 2000 }], is: [{ start: 200, end: 300 }] },
    { name: 'content without a place', target: [{ start: 0, end: 100 }], is: [{ start: 0, end: 100 }] },
    {
      name: 'the same cut otherwise',
      target: [
        { start: 0, end: 30, place: 1000 },
        { start: 30, end: 100, place: 1030 },
      ],
      is: [],
    },
    { name: 'the same blocks elsewhere', target: [{ start: 10, end: 110, place: 1000 }], is: [{ start: 0, end: 110 }] },
  ])('finds $name', ({ target, is }) => {
    expect(changedRanges(base, target)).toEqual(is);
  });

  it('agrees with a comparison byte by byte, whatever the maps', () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const someMap = () => {
      const extents = [];
      for (let at = random(3); at < 30;) {
        const end = Math.min(30, at + 1 + random(5));
        if (random(3) > 0) extents.push({ start: at, end, place: 100 + at + (random(4) === 0 ? 1000 : 0) });
        at = end;
      }
      return extents;
    };
    const placeOf = (map: ReturnType<typeof someMap>, at: number) => {
      const extent = map.find(({ start, end }) => start <= at && at < end);
      return extent === undefined ? undefined : extent.place + at - extent.start;
    };
    for (let round = 0; round < 2_000; round += 1) {
      const [a, b] = [someMap(), someMap()];
      const changed = changedRanges(a, b);
      for (let at = 0; at < 30; at += 1)
        expect(changed.some(({ start, end }) => start <= at && at < end)).toBe(placeOf(a, at) !== placeOf(b, at));
    }
  });

  it('joins touching pieces', () => {
    expect(
      allocatedRanges([
        { start: 0, end: 4, place: 9 },
        { start: 4, end: 8, place: 99 },
        { start: 9, end: 10 },
      ]),
    ).toEqual([
      { start: 0, end: 8 },
      { start: 9, end: 10 },
    ]);
  });
});
