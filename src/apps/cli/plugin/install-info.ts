import { type ModuleInfo, moduleInfoes } from '#api/generated/definitions.ts';
import { installing, RETRY_REQUEST } from '#api/plugins/plugin-info.ts';
import type { PluginSettings } from '#api/plugins/plugin-settings.ts';
import { isNewer } from '#controllers/stowage/plugins/versions.ts';
import { ConfigInvalid } from '#kit/config-invalid.ts';
import type { ConfigOf } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { installFlags } from './install-flags.ts';
import { askPreflight, type PreflightRequest } from './preflight.ts';
import type { KnownPlugin } from './read-plugins.ts';

/** What the flags say of it; absent = nothing. */
export type Given = Pick<ConfigOf<typeof installFlags>, 'version' | 'channel' | 'approval'>;

/** What the object is written with. */
interface InstallWrite extends PreflightRequest {
  readonly given: Given;
  readonly settings: PluginSettings;
  readonly client: Pick<Client, 'create' | 'get' | 'patch'>;
  readonly isDryRun: boolean;
}

/** Makes the object that installs the plugin. @throws ApiError where what is set is not right */
export async function createInfo({ name }: KnownPlugin, write: InstallWrite): Promise<ModuleInfo> {
  const draft = installing(name);
  return write.client.create(moduleInfoes, { ...draft, spec: { ...draft.spec, ...specOf(write) } }, { isDryRun: write.isDryRun });
}

/**
 * One that is there and could not come has what is asked of it now, and is looked at again at once.
 * @throws PlatformError where it is on its way out, or the nodes still lack something
 */
export async function changeInfo({ name, info = '', isLeaving }: KnownPlugin, write: InstallWrite): Promise<ModuleInfo> {
  const { client, clock, isDryRun } = write;
  if (isLeaving) {
    const message = `plugin ${JSON.stringify(name)} is being uninstalled: install it again when it is gone`;
    throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginLeaving', message });
  }
  const lacks = isDryRun ? [] : ((await askPreflight(name, write)) ?? []);
  if (lacks.length > 0) throw new PlatformError({ code: 'FailedPrecondition', reason: 'PluginPreflightFailed', message: lacks.join('; ') });
  const annotations = { [RETRY_REQUEST]: new Date(clock.nowMs()).toISOString() };
  const patch = { type: 'merge', body: { metadata: { annotations }, spec: specOf(write) } } as const;
  return client.patch(moduleInfoes, { key: { namespace: '', name: info }, patch }, { isDryRun });
}

/** What is asked for of a plugin that is at work and is not so. @throws ConfigInvalid with what does it */
export function refuseOther(
  { name, info, ...plugin }: KnownPlugin,
  { version, channel, approval, set }: Given & { readonly set: string },
): void {
  const there = 'the plugin is installed already';
  if (set !== '') throw new ConfigInvalid('--set', `${there}: stowage plugin configure ${name}`);
  if (version !== undefined && version !== plugin.wantedVersion) {
    const remedy = isNewer(plugin.version, version)
      ? `uninstall it to install ${version}`
      : `stowage plugin upgrade ${name} --version ${version}`;
    throw new ConfigInvalid('--version', `${JSON.stringify(version)}: ${there} in version ${plugin.version}: ${remedy}`);
  }
  const patch = (spec: object): string => `kubectl patch moduleinfo ${info} --type merge -p '${JSON.stringify({ spec })}'`;
  if (channel !== undefined && channel !== plugin.channel)
    throw new ConfigInvalid('--channel', `${JSON.stringify(channel)}: ${there} from ${plugin.channel}: ${patch({ channel })}`);
  if (approval !== undefined && approval !== plugin.installPlanApproval)
    throw new ConfigInvalid('--approval', `${there} with ${plugin.installPlanApproval}: ${patch({ installPlanApproval: approval })}`);
}

function specOf({ given: { version, channel, approval }, settings }: InstallWrite): NonNullable<ModuleInfo['spec']> {
  return {
    ...(version === undefined ? {} : { version }),
    ...(channel === undefined ? {} : { channel }),
    ...(approval === undefined ? {} : { installPlanApproval: approval }),
    ...(Object.keys(settings).length === 0 ? {} : { config: settings }),
  };
}
