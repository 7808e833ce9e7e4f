import type { SnapshotSchedule } from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { runOf, type Taken } from './run.ts';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What retention looks at. */
export interface RetentionView {
  readonly nowMs: number;
  /** True for one that a volume is being made from, or a claim is to go back to. */
  readonly isUsed: (taken: Taken) => boolean;
}

/**
 * Which of one series (the snapshots of one claim, or the groups) are to go: ready ones beyond the count or the age, and failed ones that a ready one has followed.
 * The newest that is ready always stays, however old, and so does what is used. Pure.
 */
export function beyond({ keep }: SnapshotSchedule['spec'], series: readonly Taken[], { nowMs, isUsed }: RetentionView): readonly Taken[] {
  const newestFirst = series.filter((taken) => !isDeleting(taken)).toSorted((a, b) => runOf(b) - runOf(a));
  const ready = newestFirst.filter(isReady);
  const [newest] = ready;
  if (newest === undefined) return [];
  const failed = newestFirst.filter((taken) => hasFailed(taken) && runOf(taken) < runOf(newest));
  const count = keep?.count ?? Number.POSITIVE_INFINITY;
  const oldestMs = nowMs - ageMs(keep?.age);
  const old = ready.filter((taken, index) => index > 0 && (index >= count || runOf(taken) < oldestMs));
  return [...old, ...failed].filter((taken) => !isUsed(taken));
}

/** When the next one is too old, in milliseconds since the Unix epoch; undefined where age does not count. Pure. */
export function nextTooOldMs({ keep }: SnapshotSchedule['spec'], series: readonly Taken[]): number | undefined {
  if (keep?.age === undefined) return undefined;
  const times = series.map(runOf).toSorted((a, b) => a - b);
  const [oldest] = times.length > 1 ? times : [];
  return oldest === undefined ? undefined : oldest + ageMs(keep.age);
}

/** True where volumes can be made from it. */
export function isReady({ status }: Taken): boolean {
  return status?.readyToUse === true;
}

/** True where its driver has refused it, so far. */
export function hasFailed(taken: Taken): boolean {
  return !isReady(taken) && taken.status?.error !== undefined;
}

function ageMs(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  return Number(text.slice(0, -1)) * (UNIT_MS[text.slice(-1)] ?? 0);
}
