import type { VolumeGroupSnapshot, VolumeGroupSnapshotContent } from '#api/generated/definitions.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import type { GroupFaultReason } from './group-fault.ts';

/** The reasons are upstream's (external-snapshotter pkg/common-controller and pkg/sidecar-controller). */

/** A content is made for the group, and its driver asked. */
export function creating(group: VolumeGroupSnapshot): EventDraft {
  return normal(group, 'CreatingGroupSnapshot', `Waiting for a group snapshot ${nameOf(group)} to be created by the CSI driver.`);
}

/** The point in time is taken, of all members. */
export function created(group: VolumeGroupSnapshot): EventDraft {
  return normal(group, 'GroupSnapshotCreated', `GroupSnapshot ${nameOf(group)} was successfully created by the CSI driver.`);
}

/** Volumes can be made from its members. */
export function ready(group: VolumeGroupSnapshot): EventDraft {
  return normal(group, 'GroupSnapshotReady', `GroupSnapshot ${nameOf(group)} is ready to use.`);
}

/** Why the group is not taken, or not bound. */
export function failed(group: VolumeGroupSnapshot, reason: GroupFaultReason, message: string): EventDraft {
  return { about: group, type: 'Warning', reason, message };
}

/** A claim is being made from a member of the group that is to go. */
export function deletePending(group: VolumeGroupSnapshot, message: string): EventDraft {
  return { about: group, type: 'Warning', reason: 'SnapshotDeletePending', message };
}

/** The driver did not take the group. */
export function creationFailed(content: VolumeGroupSnapshotContent, problem: string): EventDraft {
  return { about: content, type: 'Warning', reason: 'GroupSnapshotCreationFailed', message: `Failed to create group snapshot: ${problem}` };
}

/** The driver does not know the group that the content names, or could not be asked. */
export function checkFailed(content: VolumeGroupSnapshotContent, problem: string): EventDraft {
  return {
    about: content,
    type: 'Warning',
    reason: 'GroupSnapshotContentCheckandUpdateFailed',
    message: `Failed to check and update group snapshot content: ${problem}`,
  };
}

/** The driver has the group still. */
export function deletionFailed(content: VolumeGroupSnapshotContent, problem: string): EventDraft {
  return { about: content, type: 'Warning', reason: 'GroupSnapshotDeleteError', message: `Failed to delete group snapshot: ${problem}` };
}

function nameOf({ metadata: { namespace = '', name } }: VolumeGroupSnapshot): string {
  return `${namespace}/${name}`;
}

function normal(about: VolumeGroupSnapshot, reason: string, message: string): EventDraft {
  return { about, type: 'Normal', reason, message };
}
