import type { Timestamp } from '#protocols/csi/generated/messages.ts';

/** Nanoseconds in a second and in a millisecond. */
const [NS_PER_SEC, NS_PER_MS] = [1_000_000_000n, 1_000_000n];

/** A driver's moment in nanoseconds since 1970; now where it says none. */
export function momentNs(moment: Timestamp | undefined, nowMs: number): bigint {
  return moment === undefined ? BigInt(nowMs) * NS_PER_MS : moment.seconds * NS_PER_SEC + BigInt(moment.nanos);
}

/** Nanoseconds since 1970 in milliseconds. */
export function nsToMs(ns: number | bigint): number {
  // why by way of bigint: nanoseconds are more than a double holds, and come as such
  return Number(BigInt(ns) / NS_PER_MS);
}

/** A number as JSON has it, exact whatever its size. */
export function exact(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
