import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import type { FollowedKind } from '../follow-job.ts';

/** How rollbacks are followed. */
export const FOLLOWED_ROLLBACKS: FollowedKind<VolumeRollback> = {
  resource: volumeRollbacks,
  refusal: 'RollbackRefused',
  doing: {
    Preparing: 'making the new volumes',
    Stopping: 'stopping who uses the claims',
    Swapping: 'giving the claims their new volumes',
    Starting: 'starting who was stopped',
    UndoStopping: 'stopping who uses the claims',
    UndoSwapping: 'giving the claims their old volumes',
    UndoStarting: 'starting who was stopped',
  },
};
