/** The node says that it does not work (upstream's `TaintNodeNotReady`). */
export const NOT_READY = 'node.kubernetes.io/not-ready';
/** Nobody has heard of the node (upstream's `TaintNodeUnreachable`). */
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** `kubectl cordon` (upstream's `TaintNodeUnschedulable`). */
export const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
