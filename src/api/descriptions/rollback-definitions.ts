import type { DefinitionTexts } from './definition-texts.ts';

/** Texts of `kubectl explain` for rollbacks. */
export const ROLLBACK_DEFINITION_TEXTS: DefinitionTexts = {
  VolumeRollback: {
    '': 'The way back of claims to their snapshots: who uses them is stopped, each gets a new volume made from its snapshot, and who used them is started again. The old volumes are kept until it is confirmed, and it can be undone until then.',
    spec: 'What goes back, and to what.',
    'spec.claims': 'The claims of this namespace, and the snapshots that they go back to.',
    'spec.claims.claimName': 'The claim.',
    'spec.claims.volumeSnapshotName': 'The snapshot that it goes back to: a snapshot of this namespace, of the same driver.',
    'spec.volumeGroupSnapshotName': 'Instead of claims: all members of this group snapshot, each to its own snapshot.',
    'spec.decision':
      'Confirm: the old volumes are given up, as their reclaim policy says. Undo: the old volumes come back, and the new ones go. Absent: both are kept.',
    status: 'How far it is.',
    'status.phase':
      'Preparing (the new volumes are made), Stopping, Swapping, Starting, Swapped (to be confirmed or undone), UndoStopping, UndoSwapping, UndoStarting, Undone, Confirmed, Refused.',
    'status.message': 'What it waits for, or why it was refused.',
    'status.claims': 'The claims, with their volumes before and after.',
    'status.claims.claimName': 'The claim.',
    'status.claims.volumeSnapshotName': 'The snapshot that it goes back to.',
    'status.claims.uid': 'The UID of the claim as it was before.',
    'status.claims.oldVolume': 'The volume before, and the reclaim policy that it had.',
    'status.claims.newVolume': 'The volume that was made from the snapshot, and the reclaim policy that it is to have.',
    'status.claims.claim': 'The claim as it is made again.',
    'status.consumers': 'Who was stopped, and how it was.',
    'status.consumers.kind': 'Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job or Pod.',
    'status.consumers.name': 'Its name.',
    'status.consumers.uid': 'Its UID.',
    'status.consumers.replicas': 'How many replicas it had.',
    'status.consumers.pod': 'A pod of nobody, as it is made again.',
  },
};
