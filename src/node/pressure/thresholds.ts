import { bytesOf, formatBytes, parseQuantity } from '#kit/quantity.ts';
import { fail, ok, type Result } from '#kit/errors.ts';

/** What can run short (kubelet `--eviction-hard` names). */
export const SIGNALS = ['memory.available', 'nodefs.available', 'nodefs.inodesFree', 'pid.available'] as const;
export type Signal = (typeof SIGNALS)[number];

/** How much of it there is, now. */
export type Readings = Readonly<Record<Signal, { readonly available: bigint; readonly capacity: bigint }>>;

/** The node is under pressure where less is available: an amount, or a share of all there is. */
export interface Threshold {
  readonly signal: Signal;
  readonly least: { readonly amount: bigint } | { readonly percent: number };
}

/** A threshold that is passed. */
export interface Shortage {
  readonly signal: Signal;
  readonly available: bigint;
  readonly least: bigint;
}

/** Reads `memory.available<100Mi,nodefs.available<2%`; empty = never. */
export function parseThresholds(text: string): Result<readonly Threshold[]> {
  const thresholds: Threshold[] = [];
  for (const part of text.split(',').map((word) => word.trim())) {
    if (part === '') continue;
    const [name = '', value = ''] = part.split('<');
    const signal = SIGNALS.find((known) => known === name);
    const least = leastIn(value);
    if (signal === undefined) return fail(`${JSON.stringify(name)} is not one of ${SIGNALS.join(', ')}`);
    if (least === undefined) return fail(`${JSON.stringify(part)}: write an amount (100Mi) or a share (2%) behind <`);
    thresholds.push({ signal, least });
  }
  return ok(thresholds);
}

function leastIn(text: string): Threshold['least'] | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return Number(percent) <= 100 ? { percent: Number(percent) } : undefined;
  return text !== '' && parseQuantity(text).ok ? { amount: bytesOf(text) } : undefined;
}

/** Which thresholds are passed. Pure. */
export function shortagesOf(thresholds: readonly Threshold[], readings: Readings): readonly Shortage[] {
  return thresholds.flatMap(({ signal, least: wanted }) => {
    const { available, capacity } = readings[signal];
    const least = 'percent' in wanted ? (capacity * BigInt(Math.round(wanted.percent * 100))) / 10_000n : wanted.amount;
    return available < least ? [{ signal, available, least }] : [];
  });
}

/** The condition of the node that a signal is about. */
export const CONDITION_OF: Readonly<Record<Signal, 'MemoryPressure' | 'DiskPressure' | 'PIDPressure'>> = {
  'memory.available': 'MemoryPressure',
  'nodefs.available': 'DiskPressure',
  'nodefs.inodesFree': 'DiskPressure',
  'pid.available': 'PIDPressure',
};

/** The resource as events and messages name it (kubelet eviction/helpers.go). */
export const RESOURCE_OF: Readonly<Record<Signal, 'memory' | 'ephemeral-storage' | 'inodes' | 'pids'>> = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
  'nodefs.inodesFree': 'inodes',
  'pid.available': 'pids',
};

/** An amount of what a signal counts, in words. Pure. */
export function formatAmount(signal: Signal, amount: bigint): string {
  return signal === 'memory.available' || signal === 'nodefs.available' ? formatBytes(amount) : String(amount);
}
