import type { VolumeSnapshot, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { formatTime } from '#kit/clock.ts';
import { isDeepStrictEqual } from 'node:util';
import { formatBytes } from '#kit/quantity.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { nsToMs } from './csi-times.ts';
import * as say from './events.ts';

type SnapshotStatus = NonNullable<VolumeSnapshot['status']>;

/** The status of a snapshot as its content has it, and what is told of the difference; undefined where there is none. `groupName`: of a member. Pure. */
export function reportOf(
  snapshot: VolumeSnapshot,
  content: VolumeSnapshotContent,
  groupName?: string,
): { readonly status: SnapshotStatus; readonly events: readonly EventDraft[] } | undefined {
  const before = snapshot.status ?? {};
  const status = { ...statusOf(before, content), ...(groupName === undefined ? {} : { volumeGroupSnapshotName: groupName }) };
  if (isDeepStrictEqual(dropAbsent(before), dropAbsent(status))) return undefined;
  const isNew = before.creationTime === undefined && status.creationTime !== undefined;
  const isReadyNow = before.readyToUse !== true && status.readyToUse === true;
  return { status, events: [...(isNew ? [say.created(snapshot)] : []), ...(isReadyNow ? [say.ready(snapshot)] : [])] };
}

/** What was written once stays (external-snapshotter updateSnapshotStatus): the name, the time, and a size that is known. */
function statusOf(before: SnapshotStatus, { metadata, status = {} }: VolumeSnapshotContent): SnapshotStatus {
  const isReady = status.readyToUse === true;
  const size =
    isUnknown(before.restoreSize) && status.restoreSize !== undefined ? formatBytes(BigInt(status.restoreSize)) : before.restoreSize;
  return {
    boundVolumeSnapshotContentName: before.boundVolumeSnapshotContentName ?? metadata.name,
    creationTime: before.creationTime ?? timeOf(status.creationTime),
    readyToUse: isReady,
    restoreSize: size,
    error: isReady ? undefined : status.error,
    volumeGroupSnapshotName: before.volumeGroupSnapshotName,
  };
}

function isUnknown(size: SnapshotStatus['restoreSize']): boolean {
  return size === undefined || size === '0' || size === 0;
}

function timeOf(creationNs: number | undefined): string | undefined {
  return creationNs === undefined ? undefined : formatTime(nsToMs(creationNs));
}

function dropAbsent(status: SnapshotStatus): object {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
