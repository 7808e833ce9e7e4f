import type { CSINode, PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { attacherFinalizer, NODE_ID_ANNOTATION } from '#api/storage/attachment.ts';

/** What is to be done for an attachment. */
export type AttachmentPlan = { readonly kind: 'leave' } | ({ readonly kind: 'attach' | 'detach' } & Ends);

/** What is to be brought together, or apart. */
interface Ends {
  /** As its CSI driver knows it; undefined where it does not exist, or is of none. */
  readonly volume: PersistentVolume | undefined;
  /** The node's name at the driver, to detach the one that it was attached to; undefined where the driver is not registered there. */
  readonly nodeId: string | undefined;
}

/** What the plan looks at beside the attachment. */
export interface AttachmentView {
  /** The volume that it names, as a CSI driver knows it, where it exists. */
  readonly volume: PersistentVolume | undefined;
  /** The CSINode of its node, where it exists. */
  readonly csiNode: CSINode | undefined;
}

/** Decides what comes next for `attachment`. Pure. */
export function planAttachment(attachment: VolumeAttachment, { volume, csiNode }: AttachmentView): AttachmentPlan {
  if (!isWorkLeft(attachment)) return { kind: 'leave' };
  const registered = csiNode?.spec.drivers.find(({ name }) => name === attachment.spec.attacher)?.nodeID;
  const attachedTo = attachment.metadata.annotations?.[NODE_ID_ANNOTATION];
  return {
    kind: isDeleting(attachment) ? 'detach' : 'attach',
    volume: volume?.spec.csi === undefined ? undefined : volume,
    nodeId: isDeleting(attachment) ? (attachedTo ?? registered) : registered,
  };
}

function isWorkLeft(attachment: VolumeAttachment): boolean {
  return isDeleting(attachment)
    ? hasFinalizer(attachment, attacherFinalizer(attachment.spec.attacher))
    : attachment.status?.attached !== true;
}
