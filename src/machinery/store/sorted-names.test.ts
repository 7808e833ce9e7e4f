import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedNames } from './sorted-names.ts';

const NAME = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b', 'c', '-', '0') });

describe('SortedNames', () => {
  it('keeps the order of a sorted array under any adds and deletes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(NAME, fc.boolean()), { maxLength: 200 }), fc.option(NAME, { nil: undefined }), (steps, from) => {
        const names = new SortedNames();
        const model = new Set<string>();
        for (const [name, isAdd] of steps) {
          if (!isAdd) names.delete(name);
          else if (!model.has(name)) names.add(name);
          if (isAdd) model.add(name);
          else model.delete(name);
        }
        const sorted = [...model].sort();
        expect([...names.from(from)]).toEqual(sorted.filter((name) => from === undefined || name >= from));
        expect(names.countAfter(from ?? '')).toBe(sorted.filter((name) => name > (from ?? '')).length);
      }),
    );
  });

  it.each([
    { name: 'in order', order: (at: number) => at },
    { name: 'backwards', order: (at: number) => 5_000 - at },
    { name: 'mixed', order: (at: number) => (at * 2_741) % 5_003 },
  ])('stays sorted over many chunks when names come $name', ({ order }) => {
    const names = new SortedNames();
    const all = Array.from({ length: 5_000 }, (_, at) => `n${String(order(at)).padStart(5, '0')}`);
    for (const name of all) names.add(name);
    expect([...names.from(undefined)]).toEqual([...all].sort());
    expect(names.countAfter('n02500')).toBe(all.filter((name) => name > 'n02500').length);
    for (const name of all.slice(0, 4_990)) names.delete(name);
    expect([...names.from(undefined)]).toEqual(all.slice(4_990).sort());
  });
});
