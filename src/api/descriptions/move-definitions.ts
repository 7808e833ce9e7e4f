import type { DefinitionTexts } from './definition-texts.ts';

/** Texts of `kubectl explain` for moves of claims. */
export const MOVE_DEFINITION_TEXTS: DefinitionTexts = {
  VolumeMove: {
    '': 'The move of a claim to another class, size, node or namespace, under its name: its data is copied while it is used; then who uses it is stopped, what has changed is copied, the claim gets the new volume, and who used it is started again. The old volume is kept until it is confirmed, and it can be undone until then.',
    spec: 'Which claim, and where to.',
    'spec.claimName': 'The claim, of this namespace.',
    'spec.storageClassName': 'The class that its volume is to be of. Absent: as it is.',
    'spec.size':
      'The size that it is to have. A smaller one only where the data fits, which is looked at before anything is touched; not for block devices. Absent: as it is.',
    'spec.nodeName': 'The node on which its volume is to lie. Absent: where it lies.',
    'spec.targetNamespace':
      'The namespace that it is to be in. A ReferenceGrant there has to let VolumeMoves of this namespace make it. Absent: this one.',
    'spec.decision':
      'Confirm: the old volume is given up, as its reclaim policy says. Undo: the old volume comes back, and the new one goes. Absent: both are kept.',
    status: 'How far it is.',
    'status.phase':
      'Preparing (the new volume is made), Copying (while the claim is used), Stopping, Finishing (what has changed is copied), Swapping, Starting, Swapped (to be confirmed or undone), UndoStopping, UndoSwapping, UndoStarting, Undone, Confirmed, Refused.',
    'status.message': 'What it waits for, or why it was refused.',
    'status.problem': 'Why it goes back by itself, to be Refused then.',
    'status.uid': 'The UID of the claim as it was before.',
    'status.claim': 'The claim as it is made again.',
    'status.nodeName': 'The node on which the data is copied.',
    'status.oldVolume': 'The volume before, and the reclaim policy that it had.',
    'status.newVolume': 'The new volume, and the reclaim policy that it is to have; the same where nothing has to be copied.',
    'status.copy': 'How far the copy is.',
    'status.copy.sinceSeconds': 'When the first copy began, in seconds since 1970: what has changed since is copied again.',
    'status.copy.doneBytes': 'Bytes that are copied in this phase.',
    'status.copy.totalBytes': 'Bytes that are to be copied in this phase.',
    'status.copy.percent': 'The same in percent.',
    'status.consumers': 'Who was stopped, and how it was.',
    'status.consumers.kind': 'Deployment, ReplicaSet, ReplicationController, StatefulSet, DaemonSet, Job or Pod.',
    'status.consumers.name': 'Its name.',
    'status.consumers.uid': 'Its UID.',
    'status.consumers.replicas': 'How many replicas it had.',
    'status.consumers.pod': 'A pod of nobody, as it is made again.',
    'status.notes': 'What is not moved along, and what to do about it.',
  },
};
