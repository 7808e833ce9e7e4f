import type { ConfigSchema } from '#kit/config.ts';
import { readSizeBytes } from '#kit/quantity.ts';

/** Settings of the pools of volumes. */
export const localFlags = {
  poolSize: {
    flag: 'pool-size',
    env: 'STOWAGE_POOL_SIZE',
    default: undefined,
    defaultText: 'from the free space of the disk',
    placeholder: 'SIZE',
    doc: 'most bytes that all volumes together may ask for, for example 50Gi',
    parse: readSizeBytes,
  },
} as const satisfies ConfigSchema;
