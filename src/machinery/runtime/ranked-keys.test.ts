import { expect, it } from 'vitest';
import { RankedKeys } from './ranked-keys.ts';

const keysOf = (ranked: RankedKeys): readonly string[] => [...ranked];

it('has the higher rank first, and within a rank the one that waits longest', () => {
  const ranked = new RankedKeys();
  for (const [key, rank] of [
    ['a', 0],
    ['b', 10],
    ['c', 0],
    ['d', -5],
    ['e', 10],
  ] as const)
    ranked.add(key, rank);
  expect(keysOf(ranked)).toEqual(['b', 'e', 'a', 'c', 'd']);
  expect(ranked.size).toBe(5);
});

it('keeps the place of a key that waits already, whatever its rank is by now', () => {
  const ranked = new RankedKeys();
  ranked.add('a', 0);
  ranked.add('b', 0);
  ranked.add('a', 100);
  expect(keysOf(ranked)).toEqual(['a', 'b']);
});

it('forgets keys and ranks', () => {
  const ranked = new RankedKeys();
  for (const key of ['a', 'b']) ranked.add(key, key === 'a' ? 1 : 0);
  ranked.delete('a');
  ranked.delete('never');
  expect(keysOf(ranked)).toEqual(['b']);
  ranked.clear();
  expect([ranked.size, keysOf(ranked)]).toEqual([0, []]);
});

it('bears the removal of what was just seen', () => {
  const ranked = new RankedKeys();
  for (const key of ['a', 'b', 'c']) ranked.add(key, key === 'a' ? 1 : 0);
  const seen: string[] = [];
  for (const key of ranked) {
    seen.push(key);
    ranked.delete(key);
  }
  expect([seen, ranked.size]).toEqual([['a', 'b', 'c'], 0]);
});
