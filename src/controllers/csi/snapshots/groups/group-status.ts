import { isDeepStrictEqual } from 'node:util';
import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent } from '#api/generated/definitions.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import * as say from './events.ts';
import { takenMembersOf } from './members.ts';

type GroupStatus = NonNullable<VolumeGroupSnapshot['status']>;

/** The status of a group as its content and its members have it, and what is told of the difference; undefined where there is none. Pure. */
export function groupReportOf(
  group: VolumeGroupSnapshot,
  content: VolumeGroupSnapshotContent,
  { readyMembers }: { readonly readyMembers: number },
): { readonly status: GroupStatus; readonly events: readonly EventDraft[] } | undefined {
  const before = group.status ?? {};
  const status = statusOf(before, content, readyMembers);
  if (isDeepStrictEqual(dropAbsent(before), dropAbsent(status))) return undefined;
  const isNew = before.creationTime === undefined && status.creationTime !== undefined;
  const isReadyNow = before.readyToUse !== true && status.readyToUse === true;
  return { status, events: [...(isNew ? [say.created(group)] : []), ...(isReadyNow ? [say.ready(group)] : [])] };
}

/** What was written once stays: the name and the time. */
function statusOf(before: GroupStatus, content: VolumeGroupSnapshotContent, readyMembers: number): GroupStatus {
  const { metadata, status = {} } = content;
  const members = takenMembersOf(content).length;
  const isReady = status.readyToUse === true && members > 0 && readyMembers === members;
  return {
    boundVolumeGroupSnapshotContentName: before.boundVolumeGroupSnapshotContentName ?? metadata.name,
    creationTime: before.creationTime ?? status.creationTime,
    readyToUse: isReady,
    error: isReady ? undefined : status.error,
  };
}

function dropAbsent(status: GroupStatus): object {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
