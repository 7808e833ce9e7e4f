import path from 'node:path';
import { type ConfigSchema, parsers } from '#kit/config.ts';

/** Where drivers of other vendors are found: of the platform, of each further node, and of verbs that look there too. */
export const registryFlags = {
  pluginsRegistry: {
    flag: 'plugins-registry',
    env: 'STOWAGE_PLUGINS_REGISTRY',
    default: undefined,
    defaultText: 'DIR/plugins_registry',
    placeholder: 'FOLDER',
    doc: 'where CSI drivers put their registration sockets, as for a kubelet; for node-2 and on in the folder of that name in it',
    parse: (text: string) => path.resolve(text),
  },
} as const satisfies ConfigSchema;

/** Settings about drivers of every vendor. */
export const csiFlags = {
  driverTimeoutSec: {
    flag: 'driver-timeout',
    env: 'STOWAGE_DRIVER_TIMEOUT',
    default: undefined,
    defaultText: '10, for snapshots 60',
    placeholder: 'SECONDS',
    doc: 'how long a CSI driver may take to make, delete, attach, grow, change or snapshot a volume before it is asked again; 1 to 3600',
    parse: parsers.integer(1, 3_600),
  },
  ...registryFlags,
} as const satisfies ConfigSchema;
