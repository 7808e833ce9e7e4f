import { parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { NODE_NAME } from '../../server/nodes/node-names.ts';
import { furtherNodeNames, MAX_NODES } from '../../server/nodes/node-names.ts';

/** The flag that names a node. */
export const nodeSetting = {
  flag: 'node',
  env: 'STOWAGE_DRIVER_NODE',
  default: NODE_NAME,
  placeholder: 'NAME',
  doc: 'name of the node that the driver runs on',
  parse: parsers.text,
} as const;

/** All that a platform may have. */
export const NODE_NAMES: readonly string[] = [NODE_NAME, ...furtherNodeNames(MAX_NODES)];

/** @throws PlatformError `ConfigInvalid` for a name that no node can have */
export function refuseUnknownNode(name: string): void {
  if (NODE_NAMES.includes(name)) return;
  throw new PlatformError({
    code: 'InvalidArgument',
    reason: 'ConfigInvalid',
    message: `--node ${JSON.stringify(name)} is no node of this platform: they are ${NODE_NAMES[0]} to ${NODE_NAMES.at(-1)}, as many as stowage up --nodes N starts`,
  });
}
