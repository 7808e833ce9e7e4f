import type { VolumeSnapshot } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { leavesClassToDefault, requestedBytesOf, volumeModeOf, volumeNameOf } from '#api/storage/claim.ts';
import { dataSourceOf, describeSource } from '#api/storage/data-source.ts';
import { CLONING_PROTECTION } from '#api/storage/names.ts';
import { RESTORING_PROTECTION } from '#api/storage/snapshot.ts';
import { formatBytes } from '#kit/quantity.ts';
import type { VolumeContentSource } from '#protocols/csi/generated/messages.ts';
import { contentOfSnapshot, type SnapshotSource, whyNotRestorable, whySmallerThanSnapshot } from './snapshot-source.ts';

/** What a new volume is filled from, as far as it exists: one member for each kind of source that is served. */
export type ContentSource = ClaimSource | SnapshotSource;

/** An object that has to stay until the volume is filled. */
export type Kept =
  | { readonly kind: 'claim'; readonly object: PersistentVolumeClaim; readonly finalizer: string }
  | { readonly kind: 'snapshot'; readonly object: VolumeSnapshot; readonly finalizer: string };

/** The claim that another is to be a copy of, and its volume. */
export interface ClaimSource {
  readonly kind: 'claim';
  readonly claim: PersistentVolumeClaim | undefined;
  readonly volume: PersistentVolume | undefined;
}

/** Why `claim` can't be filled from what its spec names; undefined where it may, or names nothing. Pure. */
export function whyUnfillable(claim: PersistentVolumeClaim, storageClass: StorageClass, source: ContentSource): string | undefined {
  return whyUnfinishable(claim, storageClass, source) ?? whyTooSmall(claim, source);
}

/** As {@link whyUnfillable}, where the driver was asked already: then the source may have grown since, and the driver says whether what it made suits. Pure. */
export function whyUnfinishable(claim: PersistentVolumeClaim, storageClass: StorageClass, source: ContentSource): string | undefined {
  if (source.kind === 'snapshot') return whyNotRestorable(claim, storageClass, source);
  return aboutSource(claim, claimProblem(claim, source.claim) ?? volumeProblem(source, storageClass));
}

function whyTooSmall(claim: PersistentVolumeClaim, source: ContentSource): string | undefined {
  if (source.kind === 'snapshot') return whySmallerThanSnapshot(claim, source);
  if (source.claim === undefined) return undefined;
  const [wanted, least] = [requestedBytesOf(claim), requestedBytesOf(source.claim)];
  if (wanted >= least) return undefined;
  const sizes = `it asks for ${formatBytes(least)} and the copy for ${formatBytes(wanted)}`;
  return aboutSource(claim, `${sizes}: ask for ${formatBytes(least)} or more`);
}

function aboutSource(claim: PersistentVolumeClaim, problem: string | undefined): string | undefined {
  const source = dataSourceOf(claim);
  return source === undefined || problem === undefined ? undefined : `${describeSource(source)}: ${problem}`;
}

/** How the driver is told of the source; undefined where it can't be told. */
export function contentOf(source: ContentSource): VolumeContentSource | undefined {
  if (source.kind === 'snapshot') return contentOfSnapshot(source);
  const volumeId = handleOf(source);
  return volumeId === undefined ? undefined : { volume: { volumeId } };
}

/** What has to stay until the volume is filled, where there is such an object. */
export function keptObjectOf(source: ContentSource): Kept | undefined {
  if (source.kind === 'snapshot') return source.snapshot && { kind: 'snapshot', object: source.snapshot, finalizer: RESTORING_PROTECTION };
  return source.claim && { kind: 'claim', object: source.claim, finalizer: CLONING_PROTECTION };
}

/** True where the source can't go before what is filled from it is made, and that can be asked for again. */
export function isKept(source: ContentSource): boolean {
  const kept = keptObjectOf(source);
  return kept !== undefined && hasFinalizer(kept.object, kept.finalizer) && contentOf(source) !== undefined;
}

function handleOf({ claim, volume }: ClaimSource): string | undefined {
  return volume?.spec.claimRef?.uid === claim?.metadata.uid ? volume?.spec.csi?.volumeHandle : undefined;
}

/** What external-provisioner looks at (controller.go getPVCSource), sizes aside. */
function claimProblem(claim: PersistentVolumeClaim, source: PersistentVolumeClaim | undefined): string | undefined {
  if (source === undefined) return 'it does not exist: create it first';
  if (source.status?.phase !== 'Bound') return 'it is not bound yet: it is waited for';
  // why: once a copy is begun, its source stays until the last copy is made
  if (isDeleting(source) && !hasFinalizer(source, CLONING_PROTECTION)) return 'it is being deleted: name another';
  if (leavesClassToDefault(source)) return 'it has no class: only a volume of a class can be copied';
  if (volumeModeOf(claim.spec) !== volumeModeOf(source.spec))
    return `its volumeMode is ${volumeModeOf(source.spec)} and that of the copy ${volumeModeOf(claim.spec)}: ask for the same`;
  return volumeNameOf(source) === '' ? 'it names no volume' : undefined;
}

function volumeProblem(source: ClaimSource, { provisioner }: StorageClass): string | undefined {
  const { volume } = source;
  if (volume === undefined) return 'its volume is gone';
  const driver = volume.spec.csi?.driver;
  if (driver !== provisioner)
    return `its volume is ${driver === undefined ? 'no CSI volume' : `of the driver ${JSON.stringify(driver)}`}, and the class of ${JSON.stringify(provisioner)}: use a class of the same driver`;
  if (handleOf(source) === undefined || volume.status?.phase !== 'Bound') return 'its volume is not bound to it';
  return undefined;
}
