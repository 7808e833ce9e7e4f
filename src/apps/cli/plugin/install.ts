import type { ModuleInfo } from '#api/generated/definitions.ts';
import { DEFAULT_CHANNEL, RETRY_REQUEST } from '#api/plugins/plugin-info.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitInstalled } from './await-plugin.ts';
import { changeInfo, createInfo, type Given, refuseOther } from './install-info.ts';
import { installFlags } from './install-flags.ts';
import { absentNames } from './plugin-names.ts';
import { readAssignments, settingFlags, shownSettings } from './plugin-settings.ts';
import { askPreflight, preflightLines } from './preflight.ts';
import { settingLines } from './setting-lines.ts';
import { type KnownPlugin, pluginNamed, readPlugins } from './read-plugins.ts';

/** `stowage plugin install`. */
export const install = defineCommand({
  usage: 'PLUGIN',
  about: 'Installs a plugin, and waits until it is at work. A ModuleInfo does the same (docs/en/plugins.md).',
  examples: [
    ['stowage plugin install snapshot --dry-run', 'say what would come with it'],
    ['stowage plugin install snapshot', 'install it'],
    ['stowage plugin install nfs --set mountOptions=nfsvers=4.1', 'install it with a setting'],
    ['stowage plugin install tape --channel beta --approval Manual', 'from another channel; newer versions wait for a yes'],
  ],
  flags: { ...installFlags, ...settingFlags },
  words: { min: 1, max: 1, takes: 'takes the name of a plugin', findNames: absentNames },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugins = await readPlugins(client);
      const plugin = pluginNamed(name, plugins);
      if (plugin.state === 'Running') {
        refuseOther(plugin, config);
        return print(`plugin ${name} ${plugin.version} is installed already`);
      }
      refuseMissing(plugin, plugins);
      const version = versionToInstall(plugin, config);
      const settings = readAssignments(config.set, plugin.schema);
      const clock = new SystemClock();
      const write = plugin.info === undefined ? createInfo : changeInfo;
      // why also for a dry run: the API knows what may be set
      const { metadata, spec } = await write(plugin, { given: config, settings, client, clock, signal, isDryRun: config.dryRun });
      if (config.dryRun) {
        const lacks = await askPreflight(name, { client, clock, signal });
        for (const line of wouldBe(plugin, { version, wanted: { metadata, spec }, lacks })) print(line);
        return;
      }
      const retry = plugin.info === undefined ? undefined : metadata.annotations?.[RETRY_REQUEST];
      await awaitInstalled({ client, clock, info: metadata.name, signal, version, retry });
      print(`plugin ${name} ${version} is installed`);
    } finally {
      client.close();
    }
  },
});

/** The one that is named, else the one that it is to have already, else the newest of the channel. */
function versionToInstall({ name, versions, newestVersion, ...plugin }: KnownPlugin, given: Given): string {
  const usable = versions.filter(({ isTrusted }) => isTrusted !== false);
  if (given.version !== undefined && !usable.some((each) => each.version === given.version)) {
    const there = usable.map((each) => each.version).join(', ') || 'none';
    const message = `--version: there is no version ${JSON.stringify(given.version)} of ${name} that may be installed: there is ${there}`;
    throw new PlatformError({ code: 'NotFound', reason: 'PluginVersionUnknown', message });
  }
  const { channel = plugin.info === undefined ? DEFAULT_CHANNEL : plugin.channel } = given;
  return given.version ?? plugin.wantedVersion ?? usable.findLast((each) => each.channel === channel)?.version ?? newestVersion;
}

interface Preview {
  readonly version: string;
  readonly wanted: Pick<ModuleInfo, 'metadata' | 'spec'>;
  readonly lacks: readonly string[] | undefined;
}

function wouldBe({ name, brings, schema }: KnownPlugin, { version, wanted, lacks }: Preview): readonly string[] {
  return [
    `would be: plugin ${name} ${version} is installed, and brings`,
    ...brings.map((brought) => `  ${brought}`),
    ...settingLines(shownSettings(schema, wanted)),
    ...preflightLines(lacks),
  ];
}

/** What it needs is said before anything is made. */
function refuseMissing({ name, dependencies }: KnownPlugin, plugins: readonly KnownPlugin[]): void {
  const missing = dependencies.find((needed) => plugins.find((plugin) => plugin.name === needed)?.info === undefined);
  if (missing === undefined) return;
  const message = `plugin ${JSON.stringify(name)} needs ${missing}, which is not installed: stowage plugin install ${missing}`;
  throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginDependencyMissing', message });
}
