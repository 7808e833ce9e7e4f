import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareText, SortedList } from './sorted-list.ts';

const NAME = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b', 'c', '-', '0') });

describe('SortedList', () => {
  it('keeps the order of a sorted array under any adds and deletes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(NAME, fc.boolean()), { maxLength: 200 }), fc.option(NAME, { nil: undefined }), (steps, from) => {
        const list = new SortedList<string>(compareText);
        const model = new Set<string>();
        for (const [name, isAdd] of steps) {
          if (!isAdd) list.delete(name);
          else if (!model.has(name)) list.add(name);
          if (isAdd) model.add(name);
          else model.delete(name);
        }
        const sorted = [...model].sort();
        expect([...list.from(from)]).toEqual(sorted.filter((name) => from === undefined || name >= from));
        expect(list.countAfter(from ?? '')).toBe(sorted.filter((name) => name > (from ?? '')).length);
        expect(list.last()).toBe(sorted.at(-1));
      }),
    );
  });

  it.each([
    { name: 'in order', order: (at: number) => at },
    { name: 'backwards', order: (at: number) => 5_000 - at },
    { name: 'mixed', order: (at: number) => (at * 2_741) % 5_003 },
  ])('stays sorted over many chunks when names come $name', ({ order }) => {
    const list = new SortedList<string>(compareText);
    const all = Array.from({ length: 5_000 }, (_, at) => `n${String(order(at)).padStart(5, '0')}`);
    for (const name of all) list.add(name);
    expect([...list.from(undefined)]).toEqual([...all].sort());
    expect(list.countAfter('n02500')).toBe(all.filter((name) => name > 'n02500').length);
    for (const name of all.slice(0, 4_990)) list.delete(name);
    expect([...list.from(undefined)]).toEqual(all.slice(4_990).sort());
  });

  it('finds items by what is compared of them', () => {
    const list = new SortedList<{ readonly size: number; readonly name: string }, { readonly size: number }>((a, b) => a.size - b.size);
    for (const size of [30, 10, 20]) list.add({ size, name: `of ${size}` });
    expect([...list.from({ size: 15 })].map(({ name }) => name)).toEqual(['of 20', 'of 30']);
    list.delete({ size: 20 });
    list.delete({ size: 25 });
    expect([...list.from(undefined)].map(({ name }) => name)).toEqual(['of 10', 'of 30']);
  });
});
