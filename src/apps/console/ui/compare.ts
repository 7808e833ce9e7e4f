const collator = new Intl.Collator('en', { numeric: true });

/** Names in the order that people expect: `a2` before `a10`. */
export function compareText(a: string, b: string): number {
  return collator.compare(a, b);
}

/** Sizes in bytes. */
export function compareBigInt(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
