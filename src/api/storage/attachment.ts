import type { CSIDriver, PersistentVolume } from '../generated/kubernetes.ts';

/** What the name of a VolumeAttachment is made of: `csi-` and the SHA-256 of this (kubernetes csi_attacher.go getAttachmentName). */
export function attachmentSeed(volume: PersistentVolume, nodeName: string): string {
  const { volumeHandle = '', driver = '' } = volume.spec.csi ?? {};
  return `${volumeHandle}${driver}${nodeName}`;
}

/** True where volumes of the driver are attached to a node before they are mounted there. Without a CSIDriver nobody here attaches. */
export function needsAttachment(driver: CSIDriver | undefined): boolean {
  return driver !== undefined && driver.spec.attachRequired !== false;
}

/** The finalizer with which an attacher keeps VolumeAttachments and volumes (external-attacher GetFinalizerName). */
export function attacherFinalizer(driverName: string): string {
  const sanitized = driverName.replace(/[^a-zA-Z0-9-]/g, '-');
  return `external-attacher/${sanitized.endsWith('-') ? `${sanitized}X` : sanitized}`;
}

/** The node's name at the driver, kept on the VolumeAttachment for its detachment: the CSINode may be gone by then (external-attacher `vaNodeIDAnnotation`). */
export const NODE_ID_ANNOTATION = 'csi.alpha.kubernetes.io/node-id';

/** The name of a CSI volume in a node's `volumesInUse` and `volumesAttached` (kubernetes csi_util.go, unique volume names). */
export function uniqueVolumeName({ driver, volumeHandle }: { readonly driver: string; readonly volumeHandle: string }): string {
  return `kubernetes.io/csi/${driver}^${volumeHandle}`;
}

/** True where the volume is for one node at a time. */
export function isForOneNode(volume: PersistentVolume): boolean {
  return !(volume.spec.accessModes ?? []).some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
}
