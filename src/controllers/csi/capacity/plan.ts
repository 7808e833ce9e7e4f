import { createHash } from 'node:crypto';
import type { CSIStorageCapacity, StorageClass } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { formatBytes } from '#kit/quantity.ts';
import type { GetCapacityResponse } from '#protocols/csi/generated/messages.ts';

/** Where the objects are made. */
export const CAPACITY_NAMESPACE = 'kube-system';
/** As external-provisioner labels its objects. */
const DRIVER_LABEL = 'csi.storage.k8s.io/drivername';
const MANAGED_LABEL = 'csi.storage.k8s.io/managed-by';
const MANAGED_BY = 'external-provisioner';
const RESERVED_PREFIX = 'csi.storage.k8s.io/';
/** Hex digits of a name's hash. */
const HASH_LENGTH = 20;

/** Topology keys and their values. */
export type Segments = Readonly<Record<string, string>>;

/** The name of the object for a class and a segment: the same at every start. */
export function capacityName({ metadata }: StorageClass, segments: Segments): string {
  const text = JSON.stringify([metadata.uid, Object.entries(segments).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  return `csisc-${createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH)}`;
}

/** What of a class's parameters is the driver's business. */
export function driverParameters({ parameters = {} }: StorageClass): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parameters).filter(([key]) => !key.startsWith(RESERVED_PREFIX)));
}

/** The object that says what the driver answered. Pure. */
export function capacityDraft(
  storageClass: StorageClass,
  segments: Segments,
  { availableCapacity = 0n, maximumVolumeSize }: GetCapacityResponse,
): Draft<CSIStorageCapacity> {
  return {
    metadata: {
      name: capacityName(storageClass, segments),
      namespace: CAPACITY_NAMESPACE,
      labels: { [DRIVER_LABEL]: storageClass.provisioner, [MANAGED_LABEL]: MANAGED_BY },
    },
    storageClassName: storageClass.metadata.name,
    nodeTopology: { matchLabels: segments },
    capacity: formatBytes(availableCapacity),
    ...(maximumVolumeSize === undefined ? {} : { maximumVolumeSize: formatBytes(maximumVolumeSize) }),
  };
}

/** True where the object is one that this controller made. */
export function isOurs({ metadata }: CSIStorageCapacity): boolean {
  return metadata.namespace === CAPACITY_NAMESPACE && metadata.labels?.[MANAGED_LABEL] === MANAGED_BY && metadata.name.startsWith('csisc-');
}

/** True where the object says the same. */
export function isSameCapacity(object: CSIStorageCapacity, draft: Draft<CSIStorageCapacity>): boolean {
  return object.capacity === draft.capacity && object.maximumVolumeSize === draft.maximumVolumeSize;
}
