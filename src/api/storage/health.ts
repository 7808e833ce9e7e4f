import { deepEqual } from '#kit/json.ts';
import { formatTime } from '#kit/clock.ts';
import type { VolumeHealthCondition, VolumeHealthStatus } from '../generated/kubernetes.ts';

/** A volume's health that is to be written; `undefined` for `next` = it is well, and nothing is kept of it. */
export interface HealthChange {
  readonly next: VolumeHealthStatus | undefined;
}

/** What changed of a volume's health; undefined where nothing did. An empty list of conditions means that it is well. Pure. */
export function healthChange(
  before: VolumeHealthStatus | undefined,
  conditions: readonly VolumeHealthCondition[],
  nowMs: number,
): HealthChange | undefined {
  const had = before?.healthConditions ?? [];
  if (conditions.length === 0) return had.length === 0 ? undefined : { next: undefined };
  if (deepEqual(had, conditions)) return undefined;
  // why the time stays where only words changed: it says since when the volume is as it is
  const isSame = deepEqual(had.map(identityOf), conditions.map(identityOf));
  const lastTransitionTime = (isSame ? before?.lastTransitionTime : undefined) ?? formatTime(nowMs);
  return { next: { healthConditions: conditions, lastTransitionTime } };
}

function identityOf({ status, reason }: VolumeHealthCondition): string {
  return `${status}/${reason}`;
}

/** True where somebody has to look after the volume, whatever uses it. Pure. */
export function isUnwell(health: VolumeHealthStatus | undefined): boolean {
  return (health?.healthConditions ?? []).length > 0;
}
