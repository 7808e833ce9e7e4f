import { SystemClock } from '#kit/clock.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi, objectConfig } from '../object-config.ts';
import { formatJson, outputConfig } from '../output-config.ts';
import { askPreflight, preflightLines } from './preflight.ts';
import { settingLines } from './setting-lines.ts';
import { pluginNames } from './plugin-names.ts';
import { type KnownPlugin, type KnownVersion, pluginNamed, readPlugins } from './read-plugins.ts';

const { namespace: _, ...flags } = { ...objectConfig, ...outputConfig };

/** `stowage plugin show`. */
export const show = defineCommand({
  usage: 'PLUGIN',
  about:
    'Shows one plugin: its state, what it needs and what needs it, what it brings, its settings with where each value comes from, and what the nodes lack for it.',
  examples: [['stowage plugin show snapshot', 'what the plugin snapshot brings']],
  flags,
  words: { min: 1, max: 1, takes: 'takes the name of a plugin', findNames: pluginNames },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugins = await readPlugins(client);
      const plugin = pluginNamed(name, plugins);
      const lacks = await askPreflight(name, { client, clock: new SystemClock(), signal });
      if (config.output === 'json') return print(formatJson({ ...plugin, lacks }));
      for (const line of [...linesOf(plugin, plugins), ...preflightLines(lacks).map((line) => `  ${line}`)]) print(line);
    } finally {
      client.close();
    }
  },
});

function linesOf({ name, version, state, message, ...plugin }: KnownPlugin, plugins: readonly KnownPlugin[]): readonly string[] {
  const neededBy = plugins.filter(({ dependencies }) => dependencies.includes(name)).map((other) => other.name);
  return [
    `${name} ${version}: ${message === undefined ? state : `${state}: ${message}`}`,
    `  ${plugin.displayName}: ${plugin.description}`,
    `  needs: ${plugin.dependencies.join(', ') || 'no other plugin'}`,
    `  needed by: ${neededBy.join(', ') || 'no other plugin'}`,
    `  versions: ${plugin.versions.map(inWords).join(', ')}`,
    `  channel: ${plugin.channel}, upgrades: ${plugin.installPlanApproval}, mode: ${plugin.installMode}${placeOf(plugin)}`,
    '  brings:',
    ...plugin.brings.map((brought) => `    ${brought}`),
    ...settingLines(plugin.settings).map((line) => `  ${line}`),
  ];
}

function inWords({ version, channel, source, isTrusted }: KnownVersion): string {
  const from = source === 'Stowage' ? 'of Stowage itself' : `of the package ${source}`;
  return `${version} (${channel}, ${from}${isTrusted === false ? ', not trusted' : ''})`;
}

function placeOf({ recommendedNamespace }: Pick<KnownPlugin, 'recommendedNamespace'>): string {
  return recommendedNamespace === undefined ? '' : `, recommended namespace: ${recommendedNamespace}`;
}
