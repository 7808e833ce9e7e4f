import { isRecord } from '#kit/json.ts';

/** A number in [0, bound), the next of a seeded sequence. */
export type Roll = (bound: number) => number;

/** One of `choices`. */
export function pick<T>(roll: Roll, choices: readonly [T, ...T[]] | readonly T[]): T {
  const [first] = choices;
  const choice = choices[roll(choices.length)] ?? first;
  if (choice === undefined) throw new TypeError('nothing to choose from');
  return choice;
}

const KEYS = [
  'a',
  'name',
  'metadata',
  'spec',
  'status',
  'labels',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'length',
  '',
  'ü',
  '$patch',
];
const SCALARS: readonly unknown[] = [
  0,
  1,
  -1,
  1.5,
  1e300,
  -0,
  2 ** 53,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2 ** 63,
  '',
  'a',
  '10Gi',
  '1e9999',
  '-5Ki',
  '\u0000',
  '\ud800',
  'x'.repeat(1_000),
  '2026-01-01T00:00:00Z',
  '2026-99-99T99:99:99Z',
  '2026-02-30T00:00:00.000000Z',
  'yes',
  '0o7',
  true,
  false,
];

/** Any JSON value, not deep. */
export function randomJson(roll: Roll, depth = 0): unknown {
  const sort = roll(depth > 3 ? 2 : 5);
  if (sort === 0) return null;
  if (sort <= 2) return pick(roll, SCALARS);
  if (sort === 3) return Array.from({ length: roll(4) }, () => randomJson(roll, depth + 1));
  return Object.fromEntries(Array.from({ length: roll(4) }, () => [pick(roll, KEYS), randomJson(roll, depth + 1)]));
}

/** A copy of `value` with something wrong in one or more places, or as it was. */
export function spoil(roll: Roll, value: unknown): unknown {
  if (roll(20) === 0) return randomJson(roll);
  if (Array.isArray(value)) {
    const items: unknown[] = value.map((item) => (roll(3) === 0 ? spoil(roll, item) : item));
    if (roll(6) === 0) items.push(...items);
    return items;
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] =>
    roll(25) === 0 ? [] : [[key, roll(3) === 0 ? spoil(roll, inner) : inner]],
  );
  if (roll(15) === 0) entries.push([pick(roll, KEYS), randomJson(roll)]);
  return Object.fromEntries(entries);
}
