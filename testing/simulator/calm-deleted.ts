import { deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { claimRecordOf, GRACE_FINALIZER, isKept } from '#api/undelete/claim-record.ts';
import type { Store } from '#machinery/store/store.ts';
import { stored } from './invariants.ts';

/** True where a volume may stay Released: its claim can be brought back, and that is told of. */
export function isRightlyKept(volume: PersistentVolume, store: Store): boolean {
  return isKept(volume) && stored(store, deletedClaims).some(({ metadata }) => metadata.name === volume.metadata.name);
}

/** Of deleted claims, what is left behind or lost. */
export function unsettledDeleted(
  store: Store,
  rest: { readonly claims: readonly PersistentVolumeClaim[]; readonly volumes: readonly PersistentVolume[] },
): readonly string[] {
  const told = stored(store, deletedClaims);
  const kept = new Map(rest.volumes.filter(isKept).map((volume) => [volume.metadata.name, volume]));
  return [
    ...told.flatMap((each) => {
      const { metadata, spec } = each;
      const volume = kept.get(metadata.name);
      const record = volume === undefined ? undefined : claimRecordOf(volume);
      if (isDeleting(each)) return [`deleted claim ${metadata.name} is not gone`];
      return record?.ok === true && record.value.uid === spec.claimUid ? [] : [`deleted claim ${metadata.name} tells of nothing`];
    }),
    ...[...kept.values()].flatMap(({ metadata, spec }) => {
      const holder = rest.claims.find(({ metadata: { uid } }) => uid === spec.claimRef?.uid);
      return holder === undefined || isDeleting(holder)
        ? []
        : [`${metadata.name} is kept for a deleted claim, and ${holder.metadata.name} has it`];
    }),
    ...rest.claims.flatMap(({ metadata, spec }) =>
      spec.storageClassName === 'graced' &&
      metadata.finalizers?.includes(GRACE_FINALIZER) !== true &&
      metadata.deletionTimestamp === undefined
        ? [`${metadata.name} has no finalizer for its grace`]
        : [],
    ),
  ];
}
