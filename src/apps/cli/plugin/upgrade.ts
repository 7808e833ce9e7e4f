import { moduleInfoes, pluginPackages } from '#api/generated/definitions.ts';
import { clusterRoles, customResourceDefinitions } from '#api/resources.ts';
import { isNewer } from '#controllers/stowage/plugins/versions.ts';
import { SystemClock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { awaitInstalled } from './await-plugin.ts';
import { changeFlags } from './change-flags.ts';
import { versionFlag } from './install-flags.ts';
import { PluginNotInstalled } from './require-plugin.ts';
import { installedNames } from './plugin-names.ts';
import { type KnownPlugin, pluginNamed, readPlugins } from './read-plugins.ts';

/** `stowage plugin upgrade`. */
export const upgrade = defineCommand({
  usage: 'PLUGIN',
  about: `Has a plugin in the newest version of its channel, or in the one that is named. Its ModuleInfo does the same by spec.version. It does not go back to an older one.`,
  examples: [
    ['stowage plugin upgrade tape --dry-run', 'say what would come, change and go'],
    ['stowage plugin upgrade tape', 'upgrade it, and wait until it is at work'],
    ['stowage plugin upgrade tape --version 1.1.0', 'this version and no other'],
  ],
  flags: { ...changeFlags, ...versionFlag },
  words: { min: 1, max: 1, takes: 'takes the name of a plugin', findNames: installedNames },
  run: async ({ print, signal }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const plugin = pluginNamed(name, await readPlugins(client));
      const { info, state, version } = plugin;
      if (info === undefined) throw new PluginNotInstalled(name);
      const target = config.version ?? newestOf(plugin);
      const isAsked = config.version === undefined || config.version === plugin.wantedVersion;
      if (target === version && state === 'Running' && isAsked) return print(`plugin ${name} ${version} is the newest that there is`);
      refuseTarget(plugin, target);
      if (config.dryRun) {
        print(`would be: plugin ${name} ${version} becomes ${target}`);
        for (const line of await preview(client, { plugin, info, target })) print(`  ${line}`);
        return;
      }
      const patch = { type: 'merge', body: { spec: { version: config.version ?? null, approvedVersion: target } } } as const;
      await client.patch(moduleInfoes, { key: { namespace: '', name: info }, patch });
      await awaitInstalled({ client, clock: new SystemClock(), info, signal, version: target });
      print(`plugin ${name} is ${target} now`);
    } finally {
      client.close();
    }
  },
});

/** The newest of its channel that may be used; the one that is installed where there is none. */
function newestOf({ versions, channel, version }: KnownPlugin): string {
  const newest = versions.findLast((each) => each.channel === channel && each.isTrusted !== false)?.version;
  return newest === undefined || isNewer(version, newest) ? version : newest;
}

function refuseTarget({ name, state, version, versions }: KnownPlugin, target: string): void {
  const there = versions.map((each) => each.version);
  if (!there.includes(target)) {
    const message = `--version: there is no version ${JSON.stringify(target)} of ${name}: there is ${there.join(', ')}`;
    throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginVersionUnknown', message });
  }
  if (isNewer(version, target)) {
    const message = `--version: ${target} is older than ${version}, which is installed: a plugin does not go back`;
    throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginDowngrade', message });
  }
  if (state !== 'Upgrading') return;
  const message = `plugin ${name} is being upgraded already: wait until it is at work`;
  throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginUpgrading', message });
}

async function preview(
  client: Client,
  { plugin, info, target }: { readonly plugin: KnownPlugin; readonly info: string; readonly target: string },
): Promise<readonly string[]> {
  const { openPackage } = await import('#controllers/stowage/plugins/packages/open-package.ts');
  const { pluginOfPackage } = await import('#controllers/stowage/plugins/packages/package-plugin.ts');
  const { leftovers, observeLosses } = await import('#controllers/stowage/plugins/brought.ts');
  const { apiReader } = await import('#controllers/stowage/plugins/api-reader.ts');
  const { previewUpgrade } = await import('./upgrade-preview.ts');
  const source = plugin.versions.find(({ version }) => version === target)?.source ?? '';
  if (source === 'Stowage') return ['this Stowage brings it itself'];
  const { spec } = await client.get(pluginPackages, { namespace: '', name: source });
  const opened = await openPackage(Buffer.from(spec.archive, 'base64'));
  const next = await pluginOfPackage(opened, { signer: undefined, own: undefined });
  const [{ status }, definitions, roles] = await Promise.all([
    client.get(moduleInfoes, { namespace: '', name: info }),
    client.list(customResourceDefinitions),
    client.list(clusterRoles),
  ]);
  const brought = status?.brought ?? [];
  const losses = await observeLosses(next, { going: leftovers(brought, next), reader: apiReader(client) });
  return [
    ...previewUpgrade(next, { brought, definitions: definitions.items, roles: roles.items }),
    ...losses.map((loss) => `refused while it is in use: ${loss}`),
  ];
}
