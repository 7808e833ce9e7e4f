import type { PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { attributesClassOf, classOfClaim, cloneSourceKeyOf, volumeNameOf } from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { translateClass } from '#api/storage/in-tree/translate-class.ts';
import { type GrantsIn, whyNotGranted } from '#api/storage/reference-grant.ts';
import { md5 } from '#kit/md5.ts';
import type { ContentSource } from './content-source.ts';
import type { OrderView } from './order.ts';
import type { SnapshotSource } from './snapshot-source.ts';

/** Where the objects are found that an order is made from: a controller's caches, or the lists of an explanation. */
export interface OrderObjects {
  readonly classNamed: (name: string) => StorageClass | undefined;
  readonly attributesClassNamed: (name: string) => VolumeAttributesClass | undefined;
  readonly claimAt: (key: ObjectKey) => PersistentVolumeClaim | undefined;
  readonly volumeNamed: (name: string) => PersistentVolume | undefined;
  readonly grantsIn: GrantsIn;
  /** The snapshot that the claim names, where it was read; absent = it was not looked for. */
  readonly snapshotSource?: SnapshotSource | undefined;
}

/** The claim's class, where it exists, and everything else that an order is made from. */
export interface FoundOrderView extends OrderView {
  /** As the CSI driver reads it that took over its provisioner. */
  readonly storageClass: StorageClass | undefined;
}

/** What the claim names. Pure. */
export function viewOrder(claim: PersistentVolumeClaim, objects: OrderObjects): FoundOrderView {
  const attributesClassName = attributesClassOf(claim.spec);
  return {
    ...readClass(objects.classNamed(classOfClaim(claim))),
    attributesClass: attributesClassName === '' ? undefined : objects.attributesClassNamed(attributesClassName),
    grantProblem: whyNotGranted(claim, objects.grantsIn),
    source: contentSourceOf(claim, objects),
  };
}

/** What the claim is to be filled from; undefined where it is to be empty. */
function contentSourceOf(claim: PersistentVolumeClaim, { claimAt, volumeNamed, snapshotSource }: OrderObjects): ContentSource | undefined {
  const key = cloneSourceKeyOf(claim);
  if (key === undefined) return snapshotSource;
  const source = claimAt(key);
  return { kind: 'claim', claim: source, volume: source && volumeNamed(volumeNameOf(source)) };
}

/** A class as the CSI driver reads it that took over its provisioner, and why it can't be read where that is so. */
function readClass(storageClass: StorageClass | undefined): Pick<FoundOrderView, 'storageClass' | 'classProblem'> {
  if (storageClass === undefined) return { storageClass };
  const translated = translateClass(storageClass, md5);
  if (translated.ok) return { storageClass: translated.value };
  const provisioner = driverOfProvisioner(storageClass.provisioner) ?? storageClass.provisioner;
  return { storageClass: { ...storageClass, provisioner }, classProblem: translated.error };
}
