import type { VolumeSnapshot, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons are upstream's (external-snapshotter pkg/common-controller and pkg/sidecar-controller). */

/** A content is made for the snapshot, and its driver asked. */
export function creating(snapshot: VolumeSnapshot): EventDraft {
  const { namespace = '', name } = snapshot.metadata;
  return normal(snapshot, 'CreatingSnapshot', `Waiting for a snapshot ${namespace}/${name} to be created by the CSI driver.`);
}

/** The point in time is taken. */
export function created(snapshot: VolumeSnapshot): EventDraft {
  const { namespace = '', name } = snapshot.metadata;
  return normal(snapshot, 'SnapshotCreated', `Snapshot ${namespace}/${name} was successfully created by the CSI driver.`);
}

/** Volumes can be made from it. */
export function ready(snapshot: VolumeSnapshot): EventDraft {
  const { namespace = '', name } = snapshot.metadata;
  return normal(snapshot, 'SnapshotReady', `Snapshot ${namespace}/${name} is ready to use.`);
}

/** Why the snapshot is not taken, or not bound. */
export function failed(snapshot: VolumeSnapshot, reason: SnapshotFault, message: string): EventDraft {
  return { about: snapshot, type: 'Warning', reason, message };
}

/** Why a snapshot stands still. */
export type SnapshotFault =
  | 'GetSnapshotClassFailed'
  | 'SetDefaultSnapshotClassFailed'
  | 'SnapshotContentMissing'
  | 'SnapshotContentMismatch'
  | 'SnapshotContentMisbound'
  | 'SnapshotHandleSet'
  | 'SnapshotMisbound'
  | 'SnapshotContentCreationFailed';

/** A claim is being made from the snapshot that is to go. */
export function deletePending(snapshot: VolumeSnapshot, problem: string): EventDraft {
  return { about: snapshot, type: 'Warning', reason: 'SnapshotDeletePending', message: problem };
}

/** The driver did not take the snapshot. */
export function creationFailed(content: VolumeSnapshotContent, problem: string): EventDraft {
  return { about: content, type: 'Warning', reason: 'SnapshotCreationFailed', message: `Failed to create snapshot: ${problem}` };
}

/** The driver does not know the snapshot that the content names, or could not be asked. */
export function checkFailed(content: VolumeSnapshotContent, problem: string): EventDraft {
  return {
    about: content,
    type: 'Warning',
    reason: 'SnapshotContentCheckandUpdateFailed',
    message: `Failed to check and update snapshot content: ${problem}`,
  };
}

/** The driver has the snapshot still. */
export function deletionFailed(content: VolumeSnapshotContent, problem: string): EventDraft {
  return { about: content, type: 'Warning', reason: 'SnapshotDeleteError', message: `Failed to delete snapshot: ${problem}` };
}

function normal(about: VolumeSnapshot, reason: string, message: string): EventDraft {
  return { about, type: 'Normal', reason, message };
}
