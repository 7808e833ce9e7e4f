import {
  type VolumeGroupSnapshot,
  type VolumeGroupSnapshotContent,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
  type VolumeSnapshot,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKeyOf } from '#api/meta/object.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { groupContentNameOf, groupHandleOf, groupOwnerOf, memberHandlesOf } from '#api/storage/group-snapshot.ts';
import type { Store } from '#machinery/store/store.ts';
import { stored } from './invariants.ts';
import type { World } from './world.ts';

/** Of groups, what is still under way or left behind. */
export function unsettledGroups(world: World, store: Store, filled: ReadonlySet<string>): readonly string[] {
  const groups = stored(store, volumeGroupSnapshots);
  const contents = stored(store, volumeGroupSnapshotContents);
  const snapshots = stored(store, volumeSnapshots);
  return [
    ...groups.flatMap((group) => unsettledGroup(world, group, { contents, members: membersOf(snapshots, group), filled })),
    ...contents.flatMap((content) =>
      groups.some(({ metadata }) => metadata.uid === content.spec.volumeGroupSnapshotRef.uid)
        ? []
        : [`content ${content.metadata.name} is left, and its group is gone`],
    ),
    ...leftAtDrivers(world, contents),
  ];
}

/** Snapshots that groups have at their drivers, as `DRIVER/ID`; their members may not be made yet. */
export function groupedHandles(store: Store): readonly string[] {
  return stored(store, volumeGroupSnapshotContents).flatMap((content) =>
    memberHandlesOf(content).map((id) => `${content.spec.driver}/${id}`),
  );
}

/** Names of claims that groups are being taken of. */
export function claimsOfUnreadyGroups(store: Store, claims: readonly PersistentVolumeClaim[]): readonly string[] {
  const unready = stored(store, volumeGroupSnapshots).filter(({ status }) => status?.readyToUse !== true);
  return claims
    .filter(({ metadata }) => unready.some(({ spec }) => matchesLabelSelector(spec.source.selector ?? {}, metadata.labels)))
    .map(({ metadata }) => metadata.name);
}

function membersOf(snapshots: readonly VolumeSnapshot[], { metadata }: VolumeGroupSnapshot): readonly VolumeSnapshot[] {
  return snapshots.filter((snapshot) => groupOwnerOf(snapshot)?.uid === metadata.uid);
}

interface Around {
  readonly contents: readonly VolumeGroupSnapshotContent[];
  readonly members: readonly VolumeSnapshot[];
  /** Snapshots that claims wait to be made from. */
  readonly filled: ReadonlySet<string>;
}

function unsettledGroup(world: World, group: VolumeGroupSnapshot, { contents, members, filled }: Around): readonly string[] {
  const { name } = group.metadata;
  const content = contents.find(({ metadata }) => metadata.name === groupContentNameOf(group));
  if (isDeleting(group)) return members.some((member) => filled.has(formatKeyOf(member))) ? [] : [`group ${name} is not gone`];
  if (group.status?.readyToUse === true) {
    const handles = content === undefined ? [] : memberHandlesOf(content);
    return handles.length === members.length ? [] : [`group ${name} is ready, with ${members.length} members of ${handles.length}`];
  }
  return unreadyGroup(world, group, content);
}

function unreadyGroup(world: World, group: VolumeGroupSnapshot, content: VolumeGroupSnapshotContent | undefined): readonly string[] {
  const { name } = group.metadata;
  const message = group.status?.error?.message;
  if (message === undefined) return [`group ${name} is not ready, and does not say why`];
  // why not of the others: what it is of may be gone, unbound or on several nodes, and its class may be gone
  const volumeIds = content?.spec.source.volumeHandles ?? [];
  const places = [...world.pools].filter(([, pool]) => pool.driverName === content?.spec.driver);
  const isOnePlace = places.some(([, pool]) => volumeIds.every((id) => pool.volumes.has(id)));
  return volumeIds.length > 0 && isOnePlace && !message.includes('does not exist') ? [`group ${name} is not ready: ${message}`] : [];
}

function leftAtDrivers(world: World, contents: readonly VolumeGroupSnapshotContent[]): readonly string[] {
  const known = new Set(contents.map((content) => `${content.spec.driver}/${groupHandleOf(content)}`));
  return [...world.pools].flatMap(([place, pool]) =>
    [...pool.groups.keys()]
      .filter((id) => !known.has(`${pool.driverName}/${id}`))
      .map((id) => `the group ${id} is left in the pool of ${place}`),
  );
}
