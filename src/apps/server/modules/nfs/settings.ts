import type { PluginSettings, SettingsSchema } from '#api/plugins/plugin-settings.ts';
import type { NfsSettings, OnDelete } from '#drivers/nfs/settings.ts';

/** What the plugin nfs can be told. */
export const nfsSettings = {
  type: 'object',
  properties: {
    mountOptions: {
      type: 'array',
      description: 'Options of every mount, before those of the class: nfsvers=4.1, nolock, …',
      items: { type: 'string', pattern: '^[A-Za-z0-9_.:=+-]+$' },
      maxItems: 32,
      default: [],
    },
    mountTimeoutSec: {
      type: 'integer',
      description: 'Seconds that a mount may take before it is given up and tried again.',
      minimum: 5,
      maximum: 600,
      default: 45,
    },
    mountPermissions: {
      type: 'string',
      description: 'Octal permissions of the directories of new volumes, for classes that say nothing of it; 0 = as the server makes them.',
      pattern: '^[0-7]{1,4}$',
      default: '0',
    },
    onDelete: {
      type: 'string',
      description: 'What becomes of the directory of a deleted volume, for classes that say nothing of it.',
      enum: ['delete', 'retain', 'archive'],
      default: 'delete',
    },
  },
} as const satisfies SettingsSchema;

/** The settings as the driver takes them; they were checked by their schema. Pure. */
export function readNfsSettings({ mountOptions, mountTimeoutSec, mountPermissions, onDelete }: PluginSettings): NfsSettings {
  const { properties } = nfsSettings;
  return {
    mountOptions: Array.isArray(mountOptions) ? mountOptions.map(String) : [],
    mountTimeoutSec: typeof mountTimeoutSec === 'number' ? mountTimeoutSec : properties.mountTimeoutSec.default,
    mountPermissions: typeof mountPermissions === 'string' ? mountPermissions : properties.mountPermissions.default,
    onDelete: properties.onDelete.enum.find((choice) => choice === onDelete) ?? (properties.onDelete.default satisfies OnDelete),
  };
}
