import type { VolumeMove } from '#api/generated/definitions.ts';
import { formatKey } from '#api/meta/object.ts';
import { isFinal, targetNamespaceOf } from './moved.ts';

/** How moves are found; declared once, since controllers share informers. */
export const MOVE_INDEXES = {
  /** Those that are not at their end, by the claims that they are about: before and after. */
  openOfClaim: (move: VolumeMove): readonly string[] =>
    isFinal(move)
      ? []
      : [...new Set([move.metadata.namespace ?? '', targetNamespaceOf(move)])].map((namespace) =>
          formatKey({ namespace, name: move.spec.claimName }),
        ),
  /** The same by the volumes before and after. */
  openOfVolume: (move: VolumeMove): readonly string[] =>
    isFinal(move) ? [] : [move.status?.oldVolume, move.status?.newVolume].flatMap((volume) => (volume === undefined ? [] : [volume.name])),
  /** The same by the namespace whose grant they need. */
  openIntoNamespace: (move: VolumeMove): readonly string[] => (isFinal(move) ? [] : [targetNamespaceOf(move)]),
};
