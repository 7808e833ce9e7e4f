import type { CSIDriver, Node, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { isForOneNode, needsAttachment, uniqueVolumeName } from '#api/storage/attachment.ts';
import { isAttachmentName } from './attachment-name.ts';
import { isVolumeOfClaim } from '#api/storage/volume.ts';

/** What is looked at to decide whether a pod's volume has to be attached. */
export interface AttachView {
  readonly claim: PersistentVolumeClaim | undefined;
  readonly volume: PersistentVolume | undefined;
  readonly driver: CSIDriver | undefined;
  /** All attachments of the volume. */
  readonly attachments: readonly VolumeAttachment[];
  /** The node for which an attachment is being asked for at this moment, where one is. */
  readonly askedFor?: string | undefined;
}

/** What comes next for one claim volume of a pod that has its node. */
export type AttachPlan =
  | { readonly kind: 'leave' }
  | { readonly kind: 'attach'; readonly volume: PersistentVolume; readonly driverName: string }
  | { readonly kind: 'tell'; readonly volume: PersistentVolume; readonly attachment: VolumeAttachment }
  /** For one node at a time, and another has it. */
  | { readonly kind: 'occupied'; readonly volume: PersistentVolume; readonly by: string };

/** Decides about one claim volume of `pod`. Pure. */
export function planAttach(pod: Pod, view: AttachView): AttachPlan {
  const { volume, attachments } = view;
  const driverName = volume?.spec.csi?.driver;
  if (volume === undefined || driverName === undefined || !isAttachable(view) || !wantsVolumes(pod)) return { kind: 'leave' };
  const own = attachments.find(({ spec }) => spec.nodeName === pod.spec.nodeName);
  // why: one that goes is waited for, and made anew when it is gone
  if (own !== undefined)
    return own.metadata.deletionTimestamp === undefined ? { kind: 'tell', volume, attachment: own } : { kind: 'leave' };
  const by = otherNodeOf(pod, view);
  return by !== undefined && isForOneNode(volume) ? { kind: 'occupied', volume, by } : { kind: 'attach', volume, driverName };
}

/** Another node that has the volume, or is about to have it. */
function otherNodeOf({ spec }: Pod, { attachments, askedFor }: AttachView): string | undefined {
  const by = attachments[0]?.spec.nodeName ?? askedFor;
  return by === spec.nodeName ? undefined : by;
}

function isAttachable({ claim, volume, driver }: AttachView): boolean {
  const isBound = claim?.status?.phase === 'Bound' && volume !== undefined && isVolumeOfClaim(volume, claim);
  return isBound && needsAttachment(driver);
}

/** A pod with a node that is neither over nor on its way out. */
export function wantsVolumes({ spec, status, metadata }: Pod): boolean {
  const isOver = status?.phase === 'Succeeded' || status?.phase === 'Failed';
  return (spec.nodeName ?? '') !== '' && !isOver && metadata.deletionTimestamp === undefined;
}

/** What is looked at to decide whether an attachment may go. */
export interface DetachView {
  /** Pods that name the volume's claim. */
  readonly pods: readonly Pod[];
  readonly node: Node | undefined;
  readonly nowMs: number;
}

/** `wait`: the node may still have it mounted. */
export type DetachPlan = { readonly kind: 'leave' } | { readonly kind: 'detach' } | { readonly kind: 'wait'; readonly delayMs: number };

/** The taint by which an administrator says that a node is off for good (KEP-2268). */
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
/** After this long a node that is not ready counts as having let go (kube-controller-manager's maxWaitForUnmountDuration: 6 min). */
const FORCE_AFTER_MS = 360_000;
/** A ready node is asked again this often whether it still uses the volume. */
const IN_USE_POLL_MS = 10_000;

/**
 * Decides whether the attachment of `volume` to a node may go: no pod there needs it, and the node does not say that it uses it.
 * A pod counts until it is gone, since only then the node has surely unmounted. Pure.
 */
export function planDetach(attachment: VolumeAttachment, volume: PersistentVolume | undefined, view: DetachView): DetachPlan {
  const { node, nowMs } = view;
  if (attachment.metadata.deletionTimestamp !== undefined || !isAttachmentName(attachment.metadata.name)) return { kind: 'leave' };
  // why: of what is gone nothing can be mounted, or nobody could be asked
  if (volume === undefined || node === undefined) return { kind: 'detach' };
  const users = view.pods.filter(({ spec }) => spec.nodeName === attachment.spec.nodeName);
  if (isOutOfService(node)) return { kind: users.some(wantsVolumes) ? 'leave' : 'detach' };
  if (users.length > 0) return { kind: 'leave' };
  if (!saysInUse(node, volume)) return { kind: 'detach' };
  const sinceMs = notReadySinceMs(node);
  if (sinceMs === undefined) return { kind: 'wait', delayMs: IN_USE_POLL_MS };
  const leftMs = sinceMs + FORCE_AFTER_MS - nowMs;
  return leftMs <= 0 ? { kind: 'detach' } : { kind: 'wait', delayMs: leftMs };
}

/** True where an administrator has said that the node is off. */
export function isOutOfService({ spec }: Node): boolean {
  return spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
}

function saysInUse({ status }: Node, { spec: { csi } }: PersistentVolume): boolean {
  return csi !== undefined && status?.volumesInUse?.includes(uniqueVolumeName(csi)) === true;
}

function notReadySinceMs({ status }: Node): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? undefined : Date.parse(ready.lastTransitionTime ?? '');
}
