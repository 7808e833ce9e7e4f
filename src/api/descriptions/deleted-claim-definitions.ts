import type { DefinitionTexts } from './definition-texts.ts';

/** Texts of `kubectl explain` for claims that were deleted. */
export const DELETED_CLAIM_TEXTS: DefinitionTexts = {
  DeletedClaim: {
    '': 'A claim that was deleted, of a class with the annotation stowage.dev/deletion-grace: its volume, which has the name of this object, is kept for a time. Creating the claim of spec.claim brings both back; deleting this lets the volume go at once.',
    spec: 'What was deleted, and until when it can be brought back.',
    'spec.claimName': 'The name that the claim had.',
    'spec.claimUid': 'The UID that the claim had.',
    'spec.storage': 'What it takes of the quotas of the namespace.',
    'spec.storageClassName': 'The class of the claim.',
    'spec.volumeAttributesClassName': 'The VolumeAttributesClass of the claim, for quotas with that scope.',
    'spec.deletedAt': 'When the claim was deleted.',
    'spec.keptUntil': 'Until when the volume is kept; then it goes as its reclaim policy says.',
    'spec.claim': 'The claim as it is made again, with its volume: kubectl create takes it as it is.',
  },
};
