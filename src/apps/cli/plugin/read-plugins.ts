import { type ModuleInfo, moduleInfoes, type ModulePlugin, modulePlugins } from '#api/generated/definitions.ts';
import { infoOf } from '#api/plugins/plugin-info.ts';
import { didYouMean } from '#kit/closest.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

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
  /** The object that installs it. */
  readonly info: string | undefined;
}

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
    brings: status?.brings ?? [],
    info: info?.metadata.name,
  };
}

function stateOf(status: ModulePlugin['status'], info: ModuleInfo | undefined): Pick<KnownPlugin, 'state' | 'reason' | 'message'> {
  const { phase, reason, message } = (info === undefined ? status : info.status) ?? {};
  return { state: phase ?? (info === undefined ? 'Ready' : 'Installing'), reason, message };
}

function english(texts: Readonly<Record<string, unknown>> | undefined, otherwise: string): string {
  const text = texts?.['en'];
  return typeof text === 'string' ? text : otherwise;
}
