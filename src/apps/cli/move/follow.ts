import { type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import type { FollowedKind } from '../follow-job.ts';

/** How moves are followed. */
export const FOLLOWED_MOVES: FollowedKind<VolumeMove> = {
  resource: volumeMoves,
  refusal: 'MoveRefused',
  doing: {
    Preparing: 'making the new volume',
    Copying: 'copying, while the claim is used',
    Stopping: 'stopping who uses the claim',
    Finishing: 'copying what has changed since',
    Swapping: 'giving the claim its new volume',
    Starting: 'starting who was stopped',
    UndoStopping: 'stopping who uses the claim',
    UndoSwapping: 'giving the claim its old volume',
    UndoStarting: 'starting who was stopped',
  },
};
