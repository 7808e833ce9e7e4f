import type { UserInfo } from '../../contract/user.ts';

/** Group of all nodes. */
export const NODES_GROUP = 'system:nodes';
const PREFIX = 'system:node:';

/** The node as which somebody comes (`''` = a node that does not say which); undefined where it is no node (pkg/auth/nodeidentifier). */
export function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  return groups.includes(NODES_GROUP) && name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}
