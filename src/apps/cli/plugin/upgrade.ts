import { moduleInfoes } from '#api/generated/definitions.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitInstalled } from './await-plugin.ts';
import { changeFlags } from './change-flags.ts';
import { PluginNotInstalled } from './require-plugin.ts';
import { pluginNamed, readPlugins } from './read-plugins.ts';

/** `stowage plugin upgrade`. */
export const upgrade = defineCommand({
  usage: 'PLUGIN',
  about: `Has a plugin in the version that this Stowage brings, whatever version its ModuleInfo asks for. A newer version comes with a newer Stowage, whose first start
upgrades every plugin that asks for no version of its own.`,
  examples: [['stowage plugin upgrade snapshot --dry-run', 'say from which version to which']],
  flags: changeFlags,
  words: { min: 1, max: 1, takes: 'takes the name of a plugin' },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const { info, state, version, newestVersion, message } = pluginNamed(name, await readPlugins(client));
      if (info === undefined) throw new PluginNotInstalled(name);
      if (state === 'Running' && version === newestVersion) return print(`plugin ${name} ${version} is the newest that there is`);
      if (config.dryRun) return print(`would be: plugin ${name} ${version} becomes ${newestVersion}`);
      const patch = { type: 'merge', body: { spec: { version: null } } } as const;
      await client.patch(moduleInfoes, { key: { namespace: '', name: info }, patch });
      await awaitInstalled({ client, info, signal, version: newestVersion, before: message });
      print(`plugin ${name} is ${newestVersion} now`);
    } finally {
      client.close();
    }
  },
});
