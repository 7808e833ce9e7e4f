import { type ModuleInfo, moduleInfoes, type ModulePlugin, modulePlugins } from '#api/generated/definitions.ts';
import type { SettingsSchema } from '#api/plugins/plugin-settings.ts';
import { DEFAULT_CHANNEL, infoOf } from '#api/plugins/plugin-info.ts';
import { inWords } from '#controllers/stowage/plugins/brought.ts';
import { didYouMean } from '#kit/closest.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { schemaIn, type ShownSetting, shownSettings } from './plugin-settings.ts';

/** A plugin as the command line shows it. */
export interface KnownPlugin {
  readonly name: string;
  /** The one that runs, else the one that can be installed. */
  readonly version: string;
  /** The one that can be installed. */
  readonly newestVersion: string;
  /** Ready = not installed. */
  readonly state: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly displayName: string;
  readonly description: string;
  readonly dependencies: readonly string[];
  /** What comes with it and goes with it. */
  readonly brings: readonly string[];
  /** What can be set of it; undefined = nothing. */
  readonly schema: SettingsSchema | undefined;
  readonly settings: readonly ShownSetting[];
  /** The object that installs it. */
  readonly info: string | undefined;
  /** That object is on its way out, and the plugin with it. */
  readonly isLeaving: boolean;
  /** The version that it is to have and no other; undefined = the newest of the channel. */
  readonly wantedVersion: string | undefined;
  /** The version that waits for a yes. */
  readonly availableVersion: string | undefined;
  /** Where upgrades come from, and whether they wait for a yes. */
  readonly channel: string;
  readonly installPlanApproval: string;
  readonly installMode: string;
  readonly recommendedNamespace: string | undefined;
  /** All that can be installed, the oldest first. */
  readonly versions: readonly KnownVersion[];
}

/** One version of a plugin, and where it comes from. */
export type KnownVersion = NonNullable<NonNullable<ModulePlugin['status']>['versions']>[number];

/** Every plugin that there is. @throws PlatformError where the API has none */
export async function readPlugins(client: Pick<Client, 'list'>): Promise<readonly KnownPlugin[]> {
  try {
    const [entries, infos] = await Promise.all([client.list(modulePlugins), client.list(moduleInfoes)]);
    return entries.items.map((entry) => known(entry, infoOf(entry.metadata.name, infos.items)));
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
    const message = 'this API has no plugins: they are of the platform that `stowage up` starts';
    throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message, cause: thrown });
  }
}

/** The one of that name. @throws PlatformError `NotFound` */
export function pluginNamed(name: string, plugins: readonly KnownPlugin[]): KnownPlugin {
  const found = plugins.find((plugin) => plugin.name === name);
  if (found !== undefined) return found;
  const names = plugins.map((plugin) => plugin.name);
  const message = `there is no plugin ${JSON.stringify(name)}${didYouMean(name, names)}; stowage plugin list shows them`;
  throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message });
}

function known({ metadata: { name }, spec = {}, status }: ModulePlugin, info: ModuleInfo | undefined): KnownPlugin {
  const newestVersion = spec.version ?? '';
  const { state, reason, message } = stateOf(status, info);
  return {
    name,
    version: info?.status?.version ?? newestVersion,
    newestVersion,
    state,
    reason,
    message,
    displayName: english(spec.displayName, name),
    description: english(spec.description, ''),
    dependencies: spec.dependencies ?? [],
    ...broughtOf(status, info),
    ...settingsOf(spec, info),
    ...upgradesOf(spec, info),
  };
}

/** What a plugin brings that is no object. */
const DOES = /^(?:driver|rule|controller) /;

function broughtOf(status: ModulePlugin['status'], info: ModuleInfo | undefined): Pick<KnownPlugin, 'brings' | 'versions'> {
  const brings = status?.brings ?? [];
  const own = info?.status?.brought?.map(inWords);
  // why its own: another version may bring other objects
  return { brings: own === undefined ? brings : [...own, ...brings.filter((what) => DOES.test(what))], versions: status?.versions ?? [] };
}

function settingsOf(
  { configSchema }: NonNullable<ModulePlugin['spec']>,
  info: ModuleInfo | undefined,
): Pick<KnownPlugin, 'schema' | 'settings'> {
  const schema = schemaIn(configSchema);
  return { schema, settings: shownSettings(schema, info) };
}

type Upgrades =
  | 'info'
  | 'isLeaving'
  | 'wantedVersion'
  | 'availableVersion'
  | 'channel'
  | 'installPlanApproval'
  | 'installMode'
  | 'recommendedNamespace';

function upgradesOf(spec: NonNullable<ModulePlugin['spec']>, info: ModuleInfo | undefined): Pick<KnownPlugin, Upgrades> {
  const { channel = spec.defaultChannel ?? DEFAULT_CHANNEL, installPlanApproval = 'Automatic' } = info?.spec ?? {};
  return {
    ...objectOf(info),
    availableVersion: info?.status?.availableVersion,
    channel,
    installPlanApproval,
    installMode: spec.installMode ?? 'Cluster',
    recommendedNamespace: spec.recommendedNamespace,
  };
}

function objectOf(info: ModuleInfo | undefined): Pick<KnownPlugin, 'info' | 'isLeaving' | 'wantedVersion'> {
  const { name, deletionTimestamp } = info?.metadata ?? {};
  return { info: name, isLeaving: deletionTimestamp !== undefined, wantedVersion: info?.spec?.version };
}

function stateOf(status: ModulePlugin['status'], info: ModuleInfo | undefined): Pick<KnownPlugin, 'state' | 'reason' | 'message'> {
  const { phase, reason, message } = (info === undefined ? status : info.status) ?? {};
  return { state: phase ?? (info === undefined ? 'Ready' : 'Installing'), reason, message };
}

function english(texts: Readonly<Record<string, unknown>> | undefined, otherwise: string): string {
  const text = texts?.['en'];
  return typeof text === 'string' ? text : otherwise;
}
