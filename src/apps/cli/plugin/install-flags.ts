import { type ConfigSchema, parsers } from '#kit/config.ts';
import { changeFlags } from './change-flags.ts';

type Approval = 'Automatic' | 'Manual';

/** The flag that names a version. */
export const versionFlag = {
  version: {
    flag: 'version',
    env: 'STOWAGE_PLUGIN_VERSION',
    default: undefined,
    defaultText: 'the newest of the channel',
    placeholder: 'VERSION',
    doc: 'this version and no other; it is then not upgraded by itself',
    parse: (text: string): string | undefined => text,
  },
} as const satisfies ConfigSchema;

/** Flags of what installs a plugin. */
export const installFlags = {
  ...changeFlags,
  ...versionFlag,
  channel: {
    flag: 'channel',
    env: 'STOWAGE_PLUGIN_CHANNEL',
    default: undefined,
    defaultText: 'stable',
    placeholder: 'CHANNEL',
    doc: 'where it and its upgrades come from',
    parse: (text: string): string | undefined => text,
  },
  approval: {
    flag: 'approval',
    env: 'STOWAGE_PLUGIN_APPROVAL',
    default: undefined,
    defaultText: 'Automatic',
    placeholder: 'MODE',
    doc: 'Automatic, or Manual: a newer version waits for a yes',
    parse: (text: string): Approval | undefined => parsers.oneOf('Automatic', 'Manual')(text),
  },
} as const satisfies ConfigSchema;
