import type { PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { requestedBytesOf } from '#api/storage/claim.ts';
import { grantedBytesOf, growthStatusOf } from '#api/storage/growth.ts';
import { CLONING_PROTECTION, IN_FLIGHT_FINALIZER, PV_PROTECTION, PVC_PROTECTION } from '#api/storage/names.ts';
import { capacityBytesOf } from '#api/storage/volume.ts';
import { claimsOf } from './invariants.ts';
import type { SimVolume } from './sim-pool.ts';
import { NET_DRIVER, type World } from './world.ts';

/** Everything that is durable when the platform has come to rest. */
export interface Rest {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly pods: readonly Pod[];
  readonly attachments: readonly VolumeAttachment[];
}

/** Claims whose size is not the one that they ask for, at each place that tells of it. */
export function unsettledSizes(world: World, { claims, volumes, pods }: Rest): readonly string[] {
  const used = new Set(pods.flatMap((pod) => (pod.status?.phase === 'Running' ? claimsOf(pod) : [])));
  return claims.flatMap((claim) => {
    const object = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
    const volume = object === undefined || isDeleting(object) ? undefined : world.volumeOf(object);
    if (claim.status?.phase !== 'Bound' || isDeleting(claim) || object === undefined || volume === undefined) return [];
    const isUsed = used.has(claim.metadata.name);
    const sizes = [capacityBytesOf(object), volume.sizeBytes, ...(isUsed ? [grantedBytesOf(claim), volume.fileSystemBytes] : [])];
    const isSame = sizes.every((bytes) => bytes === volume.sizeBytes);
    if (isSame && isGrown(claim, { isUsed, sizeBytes: volume.sizeBytes })) return [];
    return [`${claim.metadata.name} asks for ${requestedBytesOf(claim)} and has ${sizes.join()} ${growthStatusOf(claim)}`];
  });
}

function isGrown(claim: PersistentVolumeClaim, { isUsed, sizeBytes }: { readonly isUsed: boolean; readonly sizeBytes: bigint }): boolean {
  const status = growthStatusOf(claim);
  // why: what has grown waits for the node that uses it next, and only then grows further
  if (!isUsed && status.startsWith('NodeResize')) return true;
  return status === '' && requestedBytesOf(claim) <= sizeBytes;
}

/** Claims whose volume has not the attributes that they ask for, where its driver has any. */
export function unsettledAttributes(world: World, { claims, volumes }: Rest): readonly string[] {
  return claims.flatMap((claim) => {
    const { volumeAttributesClassName: wanted = '' } = claim.spec;
    const object = volumes.find(({ metadata, spec }) => metadata.name === claim.spec.volumeName && spec.csi?.driver === NET_DRIVER);
    if (wanted === '' || object === undefined || isDeleting(claim) || isDeleting(object)) return [];
    const got = [claim.status?.currentVolumeAttributesClassName, object.spec.volumeAttributesClassName, speedOf(world.volumeOf(object))];
    return got.every((each) => each === wanted) ? [] : [`${claim.metadata.name} asks for the attributes ${wanted} and has ${got.join()}`];
  });
}

function speedOf(volume: SimVolume | undefined): string | undefined {
  return volume?.attributes['speed'];
}

/** Claims that somebody wants copies of, who has none yet: they are kept for that long. */
export function copiedNames(claims: readonly PersistentVolumeClaim[]): ReadonlySet<string> {
  return new Set(claims.flatMap(({ spec, status }) => (status?.phase === 'Bound' ? [] : (spec.dataSource?.name ?? []))));
}

/** Finalizers that keep what nothing keeps any more, and those that lack. */
export function unsettledFinalizers({ claims, volumes, pods }: Rest): readonly string[] {
  const copied = copiedNames(claims);
  return [
    ...claims.flatMap(({ metadata, status }) => {
      const { name, finalizers = [], deletionTimestamp } = metadata;
      return [
        ...(finalizers.includes(PVC_PROTECTION) || deletionTimestamp !== undefined ? [] : [`${name} is not protected`]),
        ...(finalizers.includes(IN_FLIGHT_FINALIZER) && status?.phase === 'Bound' ? [`${name} is Bound and in flight`] : []),
        ...(finalizers.includes(CLONING_PROTECTION) && !copied.has(name) ? [`${name} is kept for a copy that nobody makes`] : []),
      ];
    }),
    ...volumes.flatMap(({ metadata }) =>
      metadata.finalizers?.includes(PV_PROTECTION) === true || metadata.deletionTimestamp !== undefined
        ? []
        : [`${metadata.name} is not protected`],
    ),
    ...pods.flatMap(({ metadata }) => (metadata.finalizers?.length ? [`pod ${metadata.name} has finalizers`] : [])),
  ];
}
