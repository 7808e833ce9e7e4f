import type { VolumeRollback } from '#api/generated/definitions.ts';
import { formatKey } from '#api/meta/object.ts';
import { claimNamesOf, isFinal } from './rolled.ts';

/** How rollbacks are found; declared once, since controllers share informers. */
export const ROLLBACK_INDEXES = {
  /** Those that are not at their end, by the claims that they are about. */
  openOfClaim: (rollback: VolumeRollback): readonly string[] =>
    isFinal(rollback) ? [] : claimNamesOf(rollback).map((name) => at(rollback, name)),
  /** The same by the volumes before and after. */
  openOfVolume: (rollback: VolumeRollback): readonly string[] =>
    isFinal(rollback)
      ? []
      : (rollback.status?.claims ?? []).flatMap(({ oldVolume, newVolume }) => [
          oldVolume.name,
          ...(newVolume === undefined ? [] : [newVolume.name]),
        ]),
  /** Those of which the new volumes are not made yet, by the snapshots that they are made from. */
  openOfSnapshot: (rollback: VolumeRollback): readonly string[] =>
    isMaking(rollback)
      ? [...(rollback.spec.claims ?? []), ...(rollback.status?.claims ?? [])].map(({ volumeSnapshotName }) =>
          at(rollback, volumeSnapshotName),
        )
      : [],
  /** The same by the group snapshot. */
  openOfGroup: ({ spec, ...rollback }: VolumeRollback): readonly string[] =>
    isMaking({ spec, ...rollback }) && spec.volumeGroupSnapshotName !== undefined ? [at(rollback, spec.volumeGroupSnapshotName)] : [],
};

function isMaking({ status }: VolumeRollback): boolean {
  return status?.phase === undefined || status.phase === 'Preparing';
}

function at({ metadata }: Pick<VolumeRollback, 'metadata'>, name: string): string {
  return formatKey({ namespace: metadata.namespace ?? '', name });
}
