import { moduleInfoes } from '#api/generated/definitions.ts';
import { effectiveSettings, type PluginSettings } from '#api/plugins/plugin-settings.ts';
import { SystemClock } from '#kit/clock.ts';
import { ConfigInvalid } from '#kit/config-invalid.ts';
import { type ConfigSchema, parsers } from '#kit/config.ts';
import { deepEqual } from '#kit/json.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitConfigured } from './await-plugin.ts';
import { changeFlags } from './change-flags.ts';
import { readAssignments, settingFlags } from './plugin-settings.ts';
import { installedNames } from './plugin-names.ts';
import { type KnownPlugin, pluginNamed, readPlugins } from './read-plugins.ts';
import { PluginNotInstalled } from './require-plugin.ts';

const unsetFlag = {
  unset: {
    flag: 'unset',
    env: 'STOWAGE_UNSET',
    default: '',
    defaultText: 'nothing',
    placeholder: 'NAME',
    doc: 'a setting that goes back to its default; may be given several times',
    parse: parsers.text,
    isRepeatable: true,
  },
} as const satisfies ConfigSchema;

/** `stowage plugin configure`. */
export const configure = defineCommand({
  usage: 'PLUGIN',
  about:
    'Changes settings of a plugin while it works, and waits until it works with them. spec.config of its ModuleInfo does the same (docs/en/plugins.md).',
  examples: [
    ['stowage plugin configure nfs --set onDelete=archive --dry-run', 'say what would change'],
    [
      'stowage plugin configure nfs --set mountOptions=nfsvers=4.1,nolock --unset onDelete',
      'change one setting, and take one back to its default',
    ],
  ],
  flags: { ...changeFlags, ...settingFlags, ...unsetFlag },
  words: { min: 1, max: 1, takes: 'takes the name of a plugin', findNames: installedNames },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugin = pluginNamed(name, await readPlugins(client));
      const { info, schema } = plugin;
      if (info === undefined) throw new PluginNotInstalled(name);
      const wanted = { ...unsetIn(config.unset), ...readAssignments(config.set, schema) };
      if (Object.keys(wanted).length === 0) throw new ConfigInvalid('--set', 'name what is to change: --set NAME=VALUE or --unset NAME');
      const patch = { type: 'merge', body: { spec: { config: wanted } } } as const;
      const key = { namespace: '', name: info };
      const changed = await client.patch(moduleInfoes, { key, patch }, { isDryRun: config.dryRun });
      const lines = changesOf(plugin, effectiveSettings(schema, changed.spec?.config));
      if (!config.dryRun) await awaitConfigured({ client, clock: new SystemClock(), info, signal });
      print(`${config.dryRun ? 'would be: ' : ''}plugin ${name} is configured${lines.length === 0 ? ': nothing changes' : ''}`);
      for (const line of lines) print(`  ${line}`);
    } finally {
      client.close();
    }
  },
});

function unsetIn(text: string): Readonly<Record<string, null>> {
  return Object.fromEntries(text.split('\n').flatMap((name) => (name === '' ? [] : [[name, null]])));
}

/** What changes, a line for each setting. */
function changesOf({ settings }: KnownPlugin, values: PluginSettings): readonly string[] {
  return settings.flatMap(({ name, value }) =>
    deepEqual(value, values[name]) ? [] : [`${name}: ${JSON.stringify(value)} becomes ${JSON.stringify(values[name])}`],
  );
}
