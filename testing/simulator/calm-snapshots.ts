import { type VolumeSnapshot, type VolumeSnapshotContent, volumeSnapshotContents, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { formatKeyOf } from '#api/meta/object.ts';
import { RESTORING_PROTECTION, restoreSourceKeyOf, SNAPSHOT_CLAIM_FINALIZER, snapshotHandleOf } from '#api/storage/snapshot.ts';
import type { Store } from '#machinery/store/store.ts';
import { claimsOfUnreadyGroups, groupedHandles, unsettledGroups } from './calm-groups.ts';
import { stored } from './invariants.ts';
import type { World } from './world.ts';

/** What is durable of snapshots. */
interface Snapshots {
  readonly snapshots: readonly VolumeSnapshot[];
  readonly contents: readonly VolumeSnapshotContent[];
}

/** All of them. */
function snapshotsIn(store: Store): Snapshots {
  return { snapshots: stored(store, volumeSnapshots), contents: stored(store, volumeSnapshotContents) };
}

/** Of snapshots, what is still under way or left behind. */
export function unsettledSnapshots(world: World, store: Store, claims: readonly PersistentVolumeClaim[]): readonly string[] {
  const all = snapshotsIn(store);
  const filled = new Set(claims.flatMap((claim) => (claim.status?.phase === 'Bound' ? [] : keyOfSource(claim))));
  return [
    ...all.snapshots.flatMap((snapshot) => unsettledSnapshot(snapshot, claims, filled)),
    ...all.contents.flatMap((content) => unsettledContent(content, all.snapshots)),
    ...leftAtDrivers(world, all.contents, groupedHandles(store)),
    ...keptClaims(claims, all.snapshots, claimsOfUnreadyGroups(store, claims)),
    ...unsettledGroups(world, store, filled),
  ];
}

function keyOfSource(claim: PersistentVolumeClaim): readonly string[] {
  const key = restoreSourceKeyOf(claim);
  return key === undefined ? [] : [`${key.namespace}/${key.name}`];
}

function unsettledSnapshot(
  snapshot: VolumeSnapshot,
  claims: readonly PersistentVolumeClaim[],
  filled: ReadonlySet<string>,
): readonly string[] {
  const { name } = snapshot.metadata;
  const isFilledFrom = filled.has(formatKeyOf(snapshot));
  if (isDeleting(snapshot)) return isFilledFrom ? [] : [`snapshot ${name} is not gone`];
  if (hasFinalizer(snapshot, RESTORING_PROTECTION) && !isFilledFrom) return [`snapshot ${name} is kept for a volume that nobody makes`];
  return snapshot.status?.readyToUse === true ? [] : unreadySnapshot(snapshot, claims);
}

function unreadySnapshot({ metadata, spec, status }: VolumeSnapshot, claims: readonly PersistentVolumeClaim[]): readonly string[] {
  const message = status?.error?.message;
  if (message === undefined) return [`snapshot ${metadata.name} is not ready, and does not say why`];
  const source = claims.find((claim) => claim.metadata.name === spec.source.persistentVolumeClaimName);
  // why not of the others: what it is of may be gone, unbound or of another driver, and its class may be
  const isBegun = source?.status?.phase === 'Bound' && !isDeleting(source) && status?.boundVolumeSnapshotContentName !== undefined;
  return isBegun && !message.includes('does not exist') ? [`snapshot ${metadata.name} is not ready: ${message}`] : [];
}

function unsettledContent(content: VolumeSnapshotContent, snapshots: readonly VolumeSnapshot[]): readonly string[] {
  const { name } = content.metadata;
  const isHad = snapshots.some(({ metadata }) => metadata.uid === content.spec.volumeSnapshotRef.uid);
  if (isHad) return [];
  return [`content ${name} is left, and its snapshot is gone`];
}

function leftAtDrivers(world: World, contents: readonly VolumeSnapshotContent[], grouped: readonly string[]): readonly string[] {
  const known = new Set([...contents.map((content) => `${content.spec.driver}/${snapshotHandleOf(content)}`), ...grouped]);
  return [...world.pools].flatMap(([place, pool]) =>
    [...pool.snapshots.keys()]
      .filter((id) => !known.has(`${pool.driverName}/${id}`))
      .map((id) => `the snapshot ${id} is left in the pool of ${place}`),
  );
}

function keptClaims(
  claims: readonly PersistentVolumeClaim[],
  snapshots: readonly VolumeSnapshot[],
  grouped: readonly string[],
): readonly string[] {
  const taken = new Set([
    ...grouped,
    ...snapshots.flatMap(({ spec, status }) => (status?.readyToUse === true ? [] : (spec.source.persistentVolumeClaimName ?? []))),
  ]);
  return claims
    .filter((claim) => hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER) && !taken.has(claim.metadata.name))
    .map(({ metadata }) => `${metadata.name} is kept for a snapshot that nobody takes`);
}
