import { moduleInfoes } from '#api/generated/definitions.ts';
import { SystemClock } from '#kit/clock.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitUninstalled } from './await-plugin.ts';
import { askAgain } from './ask-again.ts';
import { changeFlags } from './change-flags.ts';
import { installedNames } from './plugin-names.ts';
import { pluginNamed, readPlugins } from './read-plugins.ts';

/** `stowage plugin uninstall`. */
export const uninstall = defineCommand({
  usage: 'PLUGIN',
  about: `Uninstalls a plugin, with all that it brought, and waits until it is gone. One that is used is refused, with what uses it: objects of its kinds, and plugins that
need it. Deleting its ModuleInfo does the same (docs/en/plugins.md).`,
  examples: [
    ['stowage plugin uninstall projects --dry-run', 'say what would go, or what uses it'],
    ['stowage plugin uninstall projects', 'uninstall it'],
  ],
  flags: changeFlags,
  words: { min: 1, max: 1, takes: 'takes the name of a plugin', findNames: installedNames },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const { info, version, brings, isLeaving } = pluginNamed(name, await readPlugins(client));
      if (info === undefined) return print(`plugin ${name} is not installed`);
      // why asked of the API: it knows what uses the plugin, and refuses in words
      await client.delete(moduleInfoes, { namespace: '', name: info }, { isDryRun: config.dryRun });
      if (config.dryRun) {
        print(`would be: plugin ${name} ${version} is uninstalled, and with it go`);
        for (const brought of brings) print(`  ${brought}`);
        return;
      }
      // why: one that was on its way out already is looked at again now, and what held it before is no answer
      const clock = new SystemClock();
      const retry = isLeaving ? await askAgain(client, { info, clock }) : undefined;
      await awaitUninstalled({ client, clock, info, signal, retry });
      print(`plugin ${name} is uninstalled`);
    } finally {
      client.close();
    }
  },
});
