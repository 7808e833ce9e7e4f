import { createHash } from 'node:crypto';
import type { SnapshotSchedule, VolumeGroupSnapshot, VolumeSnapshot } from '#api/generated/definitions.ts';
import type { Draft } from '#api/meta/object.ts';
import { formatTime } from '#kit/clock.ts';

/** On a snapshot, and on a group snapshot: the schedule that took it. */
export const SCHEDULE_LABEL = 'volumes.stowage.dev/schedule';
/** On the same: the time of the run, RFC 3339. */
export const SCHEDULED_AT = 'volumes.stowage.dev/scheduled-at';

/** A snapshot or a group snapshot that a schedule took. */
export type Taken = VolumeSnapshot | VolumeGroupSnapshot;

/** Kubernetes' bound for names. */
const MAX_NAME = 253;
const SECOND_MS = 1_000;

/** The snapshot of a claim for the run of that time: its name is made from both, so that no run takes two. Pure. */
export function snapshotDraft(schedule: SnapshotSchedule, claimName: string, atMs: number): Draft<VolumeSnapshot> {
  const { volumeSnapshotClassName } = schedule.spec;
  return {
    metadata: metaOf(schedule, `${schedule.metadata.name}-${claimName}`, atMs),
    spec: {
      source: { persistentVolumeClaimName: claimName },
      ...(volumeSnapshotClassName === undefined ? {} : { volumeSnapshotClassName }),
    },
  };
}

/** The group snapshot for the run of that time. Pure. */
export function groupDraft(schedule: SnapshotSchedule, atMs: number): Draft<VolumeGroupSnapshot> {
  const { selector, volumeGroupSnapshotClassName } = schedule.spec;
  return {
    metadata: metaOf(schedule, schedule.metadata.name, atMs),
    spec: { source: { selector }, ...(volumeGroupSnapshotClassName === undefined ? {} : { volumeGroupSnapshotClassName }) },
  };
}

function metaOf(schedule: SnapshotSchedule, prefix: string, atMs: number): Draft<Taken>['metadata'] {
  const suffix = `-${Math.floor(atMs / SECOND_MS)}`;
  return {
    name: `${shortened(prefix, MAX_NAME - suffix.length)}${suffix}`,
    namespace: schedule.metadata.namespace,
    labels: { [SCHEDULE_LABEL]: schedule.metadata.name },
    annotations: { [SCHEDULED_AT]: formatTime(atMs) },
  };
}

/** Two long names that begin alike stay two. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 10);
  return `${text.slice(0, max - hash.length - 1)}-${hash}`;
}

/** The schedule that took it, as the key of an index; undefined for what people took. */
export function scheduleNameOf({ metadata }: Taken): string | undefined {
  return metadata.labels?.[SCHEDULE_LABEL];
}

/** The time of its run, in milliseconds since the Unix epoch. */
export function runOf({ metadata }: Taken): number {
  return Date.parse(metadata.annotations?.[SCHEDULED_AT] ?? metadata.creationTimestamp);
}

/** How much later than its time a run begins, in milliseconds: the same whenever it is asked. Pure. */
export function jitterMs({ metadata, spec }: SnapshotSchedule, atMs: number): number {
  const { jitterSeconds = 0 } = spec;
  if (jitterSeconds === 0) return 0;
  const hash = createHash('sha256').update(`${metadata.uid} ${atMs}`).digest().readUInt32BE();
  return (hash % jitterSeconds) * SECOND_MS;
}
