import type { NodeEvent } from '../status/pod-events.ts';

const warningOf = (node: string): Pick<NodeEvent, 'about' | 'type'> => ({
  // why the name as UID: kubelets name nodes in events so, and clients look for it
  about: { apiVersion: 'v1', kind: 'Node', metadata: { name: node, uid: node, resourceVersion: '', creationTimestamp: '' } },
  type: 'Warning',
});

/** Not even without images the disk has enough space (kubelet image_gc_manager). */
export const freeDiskSpaceFailed = (node: string, message: string): NodeEvent => ({
  ...warningOf(node),
  reason: 'FreeDiskSpaceFailed',
  message,
});

/** Where volumes lie is not there, or may be lost. */
export const poolUnavailable = (node: string, message: string): NodeEvent => ({ ...warningOf(node), reason: 'PoolUnavailable', message });

/** Something runs short, and a pod may have to go for it (kubelet eviction_manager). */
export const evictionThresholdMet = (node: string, message: string): NodeEvent => ({
  ...warningOf(node),
  reason: 'EvictionThresholdMet',
  message,
});
