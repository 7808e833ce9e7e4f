import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import type { Draft } from '#api/meta/object.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { DEFAULT_CHANNEL, installing, RETRY_REQUEST } from '#api/plugins/plugin-info.ts';
import { SystemClock } from '#kit/clock.ts';
import { ConfigInvalid } from '#kit/config-invalid.ts';
import type { ConfigOf } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitInstalled } from './await-plugin.ts';
import { installFlags } from './install-flags.ts';
import { readAssignments, settingFlags, shownSettings } from './plugin-settings.ts';
import { askPreflight, preflightLines, type PreflightRequest } from './preflight.ts';
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
  words: { min: 1, max: 1, takes: 'takes the name of a plugin' },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugins = await readPlugins(client);
      const plugin = pluginNamed(name, plugins);
      if (plugin.state === 'Running') {
        if (config.set !== '') throw new ConfigInvalid('--set', `the plugin is installed already: stowage plugin configure ${name}`);
        return print(`plugin ${name} ${plugin.version} is installed already`);
      }
      refuseMissing(plugin, plugins);
      const version = versionToInstall(plugin, config);
      const clock = new SystemClock();
      const given = readAssignments(config.set, plugin.schema);
      const draft = withSettings(draftOf(name, config), given);
      if (config.dryRun) {
        // why asked of the API too: it knows what may be set
        if (plugin.info === undefined) await client.create(moduleInfoes, draft, { isDryRun: true });
        const lacks = await askPreflight(name, { client, clock, signal });
        for (const line of wouldBe(plugin, { version, draft, lacks })) print(line);
        return;
      }
      if (plugin.info !== undefined) await tryAgain(plugin, { given, client, clock, signal });
      const { info = (await client.create(moduleInfoes, draft)).metadata.name, message: before } = plugin;
      await awaitInstalled({ client, info, signal, version, before });
      print(`plugin ${name} ${version} is installed`);
    } finally {
      client.close();
    }
  },
});

/** One that could not come is looked at again at once, with what is set of it now. @throws PlatformError where the nodes still lack something */
async function tryAgain(
  { name, info = '' }: KnownPlugin,
  { given, ...request }: PreflightRequest & { readonly given: PluginSettings; readonly client: Pick<Client, 'get' | 'patch'> },
): Promise<void> {
  const lacks = (await askPreflight(name, request)) ?? [];
  if (lacks.length > 0) throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginPreflightFailed', message: lacks.join('; ') });
  const annotations = { [RETRY_REQUEST]: new Date(request.clock.nowMs()).toISOString() };
  const patch = { type: 'merge', body: { metadata: { annotations }, spec: { config: given } } } as const;
  await request.client.patch(moduleInfoes, { key: { namespace: '', name: info }, patch });
}

type Asked = Pick<ConfigOf<typeof installFlags>, 'version' | 'channel' | 'approval'>;

/** The one that is named, else the newest of the channel. */
function versionToInstall({ name, versions, newestVersion }: KnownPlugin, { version, channel = DEFAULT_CHANNEL }: Asked): string {
  const usable = versions.filter(({ isTrusted }) => isTrusted !== false);
  if (version !== undefined && !usable.some((each) => each.version === version)) {
    const there = usable.map((each) => each.version).join(', ') || 'none';
    const message = `--version: there is no version ${JSON.stringify(version)} of ${name} that may be installed: there is ${there}`;
    throw new PlatformError({ code: 'NotFound', reason: 'PluginVersionUnknown', message });
  }
  return version ?? usable.findLast((each) => each.channel === channel)?.version ?? newestVersion;
}

function draftOf(name: string, { version, channel, approval }: Asked): ReturnType<typeof installing> {
  const draft = installing(name, version);
  const spec = {
    ...draft.spec,
    ...(channel === undefined ? {} : { channel }),
    ...(approval === 'Manual' ? { installPlanApproval: approval } : {}),
  };
  return { ...draft, spec };
}

function withSettings(draft: Draft<ModuleInfo>, config: PluginSettings): Draft<ModuleInfo> {
  return Object.keys(config).length === 0 ? draft : { ...draft, spec: { ...draft.spec, config } };
}

interface Preview {
  readonly version: string;
  readonly draft: Draft<ModuleInfo>;
  readonly lacks: readonly string[] | undefined;
}

function wouldBe({ name, brings, schema }: KnownPlugin, { version, draft, lacks }: Preview): readonly string[] {
  return [
    `would be: plugin ${name} ${version} is installed, and brings`,
    ...brings.map((brought) => `  ${brought}`),
    ...settingLines(shownSettings(schema, draft)),
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
