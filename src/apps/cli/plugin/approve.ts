import { moduleInfoes } from '#api/generated/definitions.ts';
import { SystemClock } from '#kit/clock.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitInstalled } from './await-plugin.ts';
import { changeFlags } from './change-flags.ts';
import { installedNames } from './plugin-names.ts';
import { pluginNamed, readPlugins } from './read-plugins.ts';
import { PluginNotInstalled } from './require-plugin.ts';

/** `stowage plugin approve`. */
export const approve = defineCommand({
  usage: 'PLUGIN',
  about:
    'Says yes to the newer version that waits for it, where upgrades of the plugin are Manual. By YAML: spec.approvedVersion of its ModuleInfo.',
  examples: [
    ['stowage plugin approve tape --dry-run', 'say which version waits; stowage plugin upgrade tape --dry-run says what it changes'],
    ['stowage plugin approve tape', 'say yes, and wait until it is at work'],
  ],
  flags: changeFlags,
  words: { min: 1, max: 1, takes: 'takes the name of a plugin', findNames: installedNames },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const { info, availableVersion: version } = pluginNamed(name, await readPlugins(client));
      if (info === undefined) throw new PluginNotInstalled(name);
      if (version === undefined) return print(`no version of ${name} waits for a yes`);
      if (config.dryRun) return print(`would be: version ${version} of ${name} is approved`);
      const patch = { type: 'merge', body: { spec: { approvedVersion: version } } } as const;
      await client.patch(moduleInfoes, { key: { namespace: '', name: info }, patch });
      await awaitInstalled({ client, clock: new SystemClock(), info, signal, version });
      print(`plugin ${name} is ${version} now`);
    } finally {
      client.close();
    }
  },
});
