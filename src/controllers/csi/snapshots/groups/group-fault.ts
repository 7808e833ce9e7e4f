/** Why a group stands still (external-snapshotter pkg/common-controller). */
export type GroupFaultReason =
  | 'GroupSnapshotValidationError'
  | 'GetGroupSnapshotClassFailed'
  | 'SetDefaultGroupSnapshotClassFailed'
  | 'GroupSnapshotContentMissing'
  | 'GroupSnapshotContentMismatch'
  | 'GroupSnapshotContentMisbound'
  | 'GroupSnapshotHandleSet'
  | 'GroupSnapshotMisbound'
  | 'GroupSnapshotContentCreationFailed';

/** What a group can't be brought further for. */
export interface GroupFault {
  readonly kind: 'fail';
  readonly reason: GroupFaultReason;
  readonly problem: string;
}

/** A fault with what helps in its words. */
export function groupFault(reason: GroupFaultReason, problem: string): GroupFault {
  return { kind: 'fail', reason, problem };
}
