/** Least and most of a size or a cost. */
export interface Estimate {
  readonly min: number;
  readonly max: number;
}

/** What can't be told ends here (the largest number of 64 bits). */
export const UNBOUNDED = 2 ** 64;

const bounded = (value: number): number => (value >= UNBOUNDED ? UNBOUNDED : value);

export const ZERO: Estimate = { min: 0, max: 0 };
export const UNKNOWN: Estimate = { min: 0, max: UNBOUNDED };

export function fixed(value: number): Estimate {
  return { min: value, max: value };
}

export function add(...parts: readonly Estimate[]): Estimate {
  return parts.reduce((sum, part) => ({ min: bounded(sum.min + part.min), max: bounded(sum.max + part.max) }), ZERO);
}

export function multiply(a: Estimate, b: Estimate): Estimate {
  return { min: bounded(a.min * b.min), max: bounded(a.max * b.max) };
}

/** Rounded up, as costs are. */
export function scale({ min, max }: Estimate, factor: number): Estimate {
  return { min: bounded(Math.ceil(min * factor)), max: bounded(Math.ceil(max * factor)) };
}

/** What covers both. */
export function union(a: Estimate, b: Estimate): Estimate {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
