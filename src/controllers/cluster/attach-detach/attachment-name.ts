import { createHash } from 'node:crypto';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { attachmentSeed } from '#api/storage/attachment.ts';

/** The name of the VolumeAttachment of a volume to a node: nodes look for it under this name. */
export function attachmentNameOf(volume: PersistentVolume, nodeName: string): string {
  return `csi-${createHash('sha256').update(attachmentSeed(volume, nodeName)).digest('hex')}`;
}

/** True where the name is one that controllers give: what people and other programs attach themselves is theirs to detach. */
export function isAttachmentName(name: string): boolean {
  return /^csi-[0-9a-f]{64}$/.test(name);
}
