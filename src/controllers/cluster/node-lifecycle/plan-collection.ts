import { isConditionTrue } from '#api/conditions.ts';
import type { Node, Pod } from '#api/generated/kubernetes.ts';
import { isOutOfService } from '../attach-detach/plan.ts';

/** Why a pod is deleted by force. */
export type CollectionPlan =
  | { readonly kind: 'leave' }
  /** Its deletion waits for a node that it never had. */
  | { readonly kind: 'unscheduled' }
  /** Its node may be gone: to be made sure of. */
  | { readonly kind: 'nodeGone' }
  /** An administrator says that its node is off. */
  | { readonly kind: 'outOfService' };

/** Decides about one pod (upstream's podgc). Pure. */
export function planCollection({ metadata, spec }: Pod, node: Node | undefined): CollectionPlan {
  const isDeleting = metadata.deletionTimestamp !== undefined;
  if ((spec.nodeName ?? '') === '') return { kind: isDeleting ? 'unscheduled' : 'leave' };
  if (node === undefined) return { kind: 'nodeGone' };
  const isOff = isOutOfService(node) && !isConditionTrue(node.status?.conditions, 'Ready');
  return { kind: isDeleting && isOff ? 'outOfService' : 'leave' };
}

/** True where the pod has ended and stays only to be looked at. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded';
}

/** The pods that are too many of those that have ended: the oldest. Pure. */
export function surplusOf(ended: readonly Pod[], threshold: number): readonly Pod[] {
  if (ended.length <= threshold) return [];
  return ended
    .toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1))
    .slice(0, ended.length - threshold);
}
