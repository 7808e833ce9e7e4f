import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { formatTable } from '../table.ts';
import { NO_WORDS } from '../verb.ts';
import { type KnownPlugin, readPlugins } from './read-plugins.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage plugin list`. */
export const list = defineCommand({
  about: 'Shows every plugin: Ready is one that is not installed, Running one that is.',
  examples: [
    ['stowage plugin list', 'a line for each plugin'],
    ['stowage plugin list -o json', 'the same for programs'],
  ],
  flags,
  words: NO_WORDS,
  run: async ({ print }, { config }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugins = await readPlugins(client);
      if (config.output === 'json') return print(formatJson(plugins));
      for (const line of formatTable([['PLUGIN', 'VERSION', 'STATE', 'NEEDS', 'WHAT IT IS'], ...plugins.map(rowOf)])) print(line);
    } finally {
      client.close();
    }
  },
});

function rowOf({ name, version, dependencies, displayName, ...plugin }: KnownPlugin): readonly string[] {
  return [name, version, stateOf(plugin), dependencies.join(',') || '-', displayName];
}

function stateOf({ state, reason, availableVersion }: Pick<KnownPlugin, 'state' | 'reason' | 'availableVersion'>): string {
  if (reason !== undefined) return `${state} (${reason})`;
  return availableVersion === undefined ? state : `${state} (${availableVersion} waits for a yes)`;
}
