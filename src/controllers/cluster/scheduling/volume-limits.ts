import type {
  CSIDriver,
  CSINode,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
  VolumeAttachment,
} from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { classOfClaim, volumeNameOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import type { NodeLoad } from './pod-ledger.ts';

/** What is looked up. */
export interface LimitLookup {
  readonly csiNode: (nodeName: string) => CSINode | undefined;
  /** By `namespace/name`. */
  readonly claimOf: (key: string) => PersistentVolumeClaim | undefined;
  readonly volume: (name: string) => PersistentVolume | undefined;
  readonly storageClass: (name: string) => StorageClass | undefined;
  readonly csiDriver: (name: string) => CSIDriver | undefined;
  /** What is attached to a node, or is being attached or taken off. */
  readonly attachmentsOn: (nodeName: string) => readonly VolumeAttachment[];
}

/** Upstream's reason of NodeVolumeLimits. */
const TOO_MANY_VOLUMES = 'node(s) exceed max volume count';

/** Why the drivers on `node` can't take the volumes of one more pod; undefined where they can, or say nothing. A volume that another pod has there, or that is attached still, counts once. Pure. */
export function whyTooManyVolumes(pod: Pod, on: { readonly node: Node; readonly load: NodeLoad }, look: LimitLookup): string | undefined {
  const limits = limitsOf(look.csiNode(on.node.metadata.name));
  const wanted = limits.size === 0 ? [] : volumesOf(pod, look).filter(({ driver }) => limits.has(driver));
  if (wanted.length === 0) return undefined;
  // why what is attached too: a place is free when its volume has been taken off, and not when its pod is gone
  const there = [
    ...[...on.load.pods.values()].flatMap((other) => volumesOf(other, look)),
    ...look.attachmentsOn(on.node.metadata.name).flatMap((attachment) => attachedVolume(attachment, look)),
  ];
  for (const [driver, limit] of limits) {
    const before = new Set(there.filter((volume) => volume.driver === driver).map(({ id }) => id));
    const after = new Set([...before, ...wanted.filter((volume) => volume.driver === driver).map(({ id }) => id)]);
    if (after.size > before.size && after.size > limit) return TOO_MANY_VOLUMES;
  }
  return undefined;
}

/** Why `node` won't do for volumes of a driver that wants no pods where it is missing (CSIDriver `preventPodSchedulingIfMissing`, KEP-5030); undefined where it does. Pure. */
export function whyDriverMissing(pod: Pod, node: Node, look: LimitLookup): string | undefined {
  const isOptedIn = ({ driver }: DriverVolume): boolean => look.csiDriver(driver)?.spec.preventPodSchedulingIfMissing === true;
  const picky = volumesOf(pod, look).filter(isOptedIn);
  if (picky.length === 0) return undefined;
  const there = look.csiNode(node.metadata.name)?.spec.drivers ?? [];
  const missing = picky.find(({ driver }) => !there.some(({ name }) => name === driver));
  return missing === undefined ? undefined : `${missing.driver} CSI driver is not installed on the node`;
}

interface DriverVolume {
  readonly driver: string;
  readonly id: string;
}

function limitsOf(csiNode: CSINode | undefined): ReadonlyMap<string, number> {
  const drivers = csiNode?.spec.drivers ?? [];
  return new Map(
    drivers.flatMap(({ name, allocatable }) => (allocatable?.count === undefined ? [] : [[name, allocatable.count] as const])),
  );
}

function attachedVolume({ spec }: VolumeAttachment, look: LimitLookup): readonly DriverVolume[] {
  const csi = look.volume(spec.source.persistentVolumeName ?? '')?.spec.csi;
  return csi === undefined ? [] : [{ driver: spec.attacher, id: csi.volumeHandle }];
}

function volumesOf(pod: Pod, look: LimitLookup): readonly DriverVolume[] {
  return claimKeysOfPod(pod).flatMap((key) => {
    const claim = look.claimOf(key);
    if (claim === undefined) return [];
    const csi = look.volume(volumeNameOf(claim))?.spec.csi;
    if (csi !== undefined) return [{ driver: csi.driver, id: csi.volumeHandle }];
    // why: a volume that is still to be made will be one of its class's driver
    const provisioner = volumeNameOf(claim) === '' ? look.storageClass(classOfClaim(claim))?.provisioner : undefined;
    const driver = driverOfProvisioner(provisioner ?? '');
    return driver === undefined ? [] : [{ driver, id: key }];
  });
}
