/** The embedded node. */
export const NODE_NAME = 'node-1';

/** Nodes that one platform runs at most. */
export const MAX_NODES = 16;

/** Names of the nodes beside the first: node-2, node-3, … Pure. */
export function furtherNodeNames(count: number): readonly string[] {
  const stem = NODE_NAME.replace(/\d+$/, '');
  return Array.from({ length: count - 1 }, (_, index) => `${stem}${index + 2}`);
}
