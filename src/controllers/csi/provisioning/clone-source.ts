import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { cloneSourceKeyOf, leavesClassToDefault, requestedBytesOf, volumeModeOf, volumeNameOf } from '#api/storage/claim.ts';
import { CLONING_PROTECTION } from '#api/storage/names.ts';
import { formatBytes } from '#kit/quantity.ts';

/** The claim that another is to be a copy of, and its volume, as far as they exist. */
export interface CloneSource {
  readonly claim: PersistentVolumeClaim | undefined;
  readonly volume: PersistentVolume | undefined;
}

/** Why `claim` can't be made from what its spec names as data source; undefined where it may, or names none. Pure. */
export function whyUnclonable(claim: PersistentVolumeClaim, storageClass: StorageClass, source: CloneSource): string | undefined {
  const key = cloneSourceKeyOf(claim);
  if (key === undefined) return undefined;
  const problem = claimProblem(claim, source.claim) ?? volumeProblem(source, storageClass);
  return problem === undefined ? undefined : `spec.dataSource PersistentVolumeClaim ${JSON.stringify(key.name)}: ${problem}`;
}

/** The handle of the volume that `claim` is to be a copy of; undefined where it can't be told. */
export function cloneHandleOf({ claim, volume }: CloneSource): string | undefined {
  return volume?.spec.claimRef?.uid === claim?.metadata.uid ? volume?.spec.csi?.volumeHandle : undefined;
}

/** True where the source can't go before the copies of it are made, and they can be asked for again. */
export function isKept(source: CloneSource): boolean {
  return source.claim !== undefined && hasFinalizer(source.claim, CLONING_PROTECTION) && cloneHandleOf(source) !== undefined;
}

/** In external-provisioner's order (controller.go getPVCSource). */
function claimProblem(claim: PersistentVolumeClaim, source: PersistentVolumeClaim | undefined): string | undefined {
  if (source === undefined) return 'it does not exist: create it first';
  if (source.status?.phase !== 'Bound') return 'it is not bound yet: it is waited for';
  // why: once a copy is begun, its source stays until the last copy is made
  if (isDeleting(source) && !hasFinalizer(source, CLONING_PROTECTION)) return 'it is being deleted: name another';
  if (leavesClassToDefault(source)) return 'it has no class: only a volume of a class can be copied';
  const [wanted, least] = [requestedBytesOf(claim), requestedBytesOf(source)];
  if (wanted < least)
    return `it asks for ${formatBytes(least)} and the copy for ${formatBytes(wanted)}: ask for ${formatBytes(least)} or more`;
  if (volumeModeOf(claim.spec) !== volumeModeOf(source.spec))
    return `its volumeMode is ${volumeModeOf(source.spec)} and that of the copy ${volumeModeOf(claim.spec)}: ask for the same`;
  return volumeNameOf(source) === '' ? 'it names no volume' : undefined;
}

function volumeProblem(source: CloneSource, { provisioner }: StorageClass): string | undefined {
  const { volume } = source;
  if (volume === undefined) return 'its volume is gone';
  const driver = volume.spec.csi?.driver;
  if (driver !== provisioner)
    return `its volume is ${driver === undefined ? 'no CSI volume' : `of the driver ${JSON.stringify(driver)}`}, and the class of ${JSON.stringify(provisioner)}: use a class of the same driver`;
  if (cloneHandleOf(source) === undefined || volume.status?.phase !== 'Bound') return 'its volume is not bound to it';
  return undefined;
}
