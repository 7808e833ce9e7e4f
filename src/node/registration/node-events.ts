import type { NodeEvent } from '../pods/pod-events.ts';

/** Not even without images the disk has enough space (kubelet image_gc_manager). */
export const freeDiskSpaceFailed = (node: string, message: string): NodeEvent => ({
  // why the name as UID: kubelets name nodes in events so, and clients look for it
  about: { apiVersion: 'v1', kind: 'Node', metadata: { name: node, uid: node, resourceVersion: '', creationTimestamp: '' } },
  type: 'Warning',
  reason: 'FreeDiskSpaceFailed',
  message,
});
