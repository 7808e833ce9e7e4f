/** IPv4 addresses that begin with the same bits. */
export interface AddressRange {
  /** The first address as a number. */
  readonly base: number;
  readonly bits: number;
}

/** A node's pods share a block of 254 addresses, of which the first is the node's own. */
const BLOCK_BITS = 24;
/** The first address of a block is the gateway, the last is for broadcasts. */
const FIRST_POD = 2;
const LAST_POD = 254;

/** The range that a text such as `10.0.0.0/16` means; undefined where it means none. Pure. */
export function parseRange(text: string): AddressRange | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1, 5).map(Number);
  const bits = Number(match[5] ?? '32');
  if (parts.some((part) => part > 255) || bits > 32) return undefined;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  const size = 2 ** (32 - bits);
  return { base: address - (address % size), bits };
}

/** The range of a setting, for one that is large enough for a block. Pure. @throws TypeError */
export function parsePodRange(text: string): string {
  const range = text === 'none' ? undefined : parseRange(text);
  if (text !== 'none' && (range === undefined || range.bits < 8 || range.bits > BLOCK_BITS))
    throw new TypeError('must be an IPv4 range from /8 to /24, for example 10.212.0.0/14, or none');
  return text;
}

/** A block of the range that overlaps nothing that is taken, from one that `seed` names on; undefined where all are taken. Pure. */
export function chooseBlock(range: AddressRange, taken: readonly AddressRange[], seed: number): AddressRange | undefined {
  const count = 2 ** (BLOCK_BITS - range.bits);
  for (let step = 0; step < count; step += 1) {
    const block = { base: range.base + ((seed + step) % count) * 256, bits: BLOCK_BITS };
    if (!taken.some((other) => overlaps(block, other))) return block;
  }
  return undefined;
}

/** True where an address is in both. Pure. */
export function overlaps(one: AddressRange, other: AddressRange): boolean {
  return one.base < other.base + 2 ** (32 - other.bits) && other.base < one.base + 2 ** (32 - one.bits);
}

/** The address of that number within the block. Pure. */
export function addressIn(block: AddressRange, index: number): string {
  const address = block.base + index;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** Where pods of the block find their node. Pure. */
export function gatewayOf(block: AddressRange): string {
  return addressIn(block, 1);
}

/** The number of an address within the block; undefined where it is not a pod's. Pure. */
export function indexIn(block: AddressRange, address: string): number | undefined {
  const range = parseRange(address);
  const index = range === undefined ? -1 : range.base - block.base;
  return index >= FIRST_POD && index <= LAST_POD ? index : undefined;
}

/** The first number from `from` on that is free; undefined where none is. Pure. */
export function freeIndex(isUsed: (index: number) => boolean, from: number): number | undefined {
  const count = LAST_POD - FIRST_POD + 1;
  for (let step = 0; step < count; step += 1) {
    const index = FIRST_POD + ((from - FIRST_POD + step + count) % count);
    if (!isUsed(index)) return index;
  }
  return undefined;
}
