import { type ConfigSchema, parsers } from '#kit/config.ts';
import { objectConfig } from '../object-config.ts';

const { namespace: _, ...apiFlags } = objectConfig;

/** Flags of what changes plugins. */
export const changeFlags = {
  ...apiFlags,
  dryRun: {
    flag: 'dry-run',
    env: 'STOWAGE_DRY_RUN',
    default: false,
    doc: 'say what would come or go, and change nothing',
    parse: parsers.boolean,
    isSwitch: true,
  },
} as const satisfies ConfigSchema;
