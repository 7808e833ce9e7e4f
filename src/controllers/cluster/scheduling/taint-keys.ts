/** The node says that it does not work (upstream's `TaintNodeNotReady`). */
export const NOT_READY = 'node.kubernetes.io/not-ready';
/** Nobody has heard of the node (upstream's `TaintNodeUnreachable`). */
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
/** What a node has too little of, by its condition: no pods are sent there (upstream's `TaintNodesByCondition`). */
export const PRESSURE_TAINTS: ReadonlyMap<string, string> = new Map([
  ['MemoryPressure', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'node.kubernetes.io/pid-pressure'],
]);
/** `kubectl cordon` (upstream's `TaintNodeUnschedulable`). */
export const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
