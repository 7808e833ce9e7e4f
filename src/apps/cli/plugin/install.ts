import { moduleInfoes } from '#api/generated/definitions.ts';
import { installing } from '#api/plugins/plugin-info.ts';
import { PlatformError } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitInstalled } from './await-plugin.ts';
import { changeFlags } from './change-flags.ts';
import { type KnownPlugin, pluginNamed, readPlugins } from './read-plugins.ts';

/** `stowage plugin install`. */
export const install = defineCommand({
  usage: 'PLUGIN',
  about: 'Installs a plugin, and waits until it is at work. A ModuleInfo does the same (docs/en/plugins.md).',
  examples: [
    ['stowage plugin install snapshot --dry-run', 'say what would come with it'],
    ['stowage plugin install snapshot', 'install it'],
  ],
  flags: changeFlags,
  words: { min: 1, max: 1, takes: 'takes the name of a plugin' },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugins = await readPlugins(client);
      const plugin = pluginNamed(name, plugins);
      if (plugin.state === 'Running') return print(`plugin ${name} ${plugin.version} is installed already`);
      refuseMissing(plugin, plugins);
      if (config.dryRun) {
        print(`would be: plugin ${name} ${plugin.newestVersion} is installed, and brings`);
        for (const brought of plugin.brings) print(`  ${brought}`);
        return;
      }
      const { info = (await client.create(moduleInfoes, installing(name))).metadata.name } = plugin;
      await awaitInstalled({ client, info, signal, version: plugin.newestVersion });
      print(`plugin ${name} ${plugin.newestVersion} is installed`);
    } finally {
      client.close();
    }
  },
});

/** What it needs is said before anything is made. */
function refuseMissing({ name, dependencies }: KnownPlugin, plugins: readonly KnownPlugin[]): void {
  const missing = dependencies.find((needed) => plugins.find((plugin) => plugin.name === needed)?.info === undefined);
  if (missing === undefined) return;
  const message = `plugin ${JSON.stringify(name)} needs ${missing}, which is not installed: stowage plugin install ${missing}`;
  throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginDependencyMissing', message });
}
