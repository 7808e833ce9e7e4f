import type { PackageOrigin } from './plugin.ts';
import { isNewer } from './versions.ts';
import { inWords } from './words.ts';

/** One version of a plugin, as far as it decides. */
export interface VersionState {
  readonly version: string;
  readonly channel: string;
  /** Why it can't be used. */
  readonly refusal?: PackageOrigin['refusal'];
}

/** What decides which version a plugin is to have. */
export interface VersionQuestion {
  readonly name: string;
  /** All that there are, the oldest first. */
  readonly versions: readonly VersionState[];
  /** The one of these that is installed. */
  readonly installed: string | undefined;
  /** `spec.version`: followed, whatever else is said. */
  readonly wanted: string | undefined;
  readonly channel: string;
  readonly approval: 'Automatic' | 'Manual';
  /** The version that somebody has said yes to. */
  readonly approved: string | undefined;
}

/** Why there is no version to be had. */
export type VersionReason = 'PluginVersionUnknown' | 'PluginChannelUnknown' | 'PluginDowngrade' | 'PluginUntrusted' | 'PluginPackageUnfit';

/** The version to have, and the one that waits for a yes; or why there is none. */
export type VersionChoice =
  | { readonly kind: 'version'; readonly version: string; readonly pending?: string }
  | { readonly kind: 'none'; readonly reason: VersionReason; readonly message: string };

/** Decides it. Pure. */
export function chooseVersion(question: VersionQuestion): VersionChoice {
  const { wanted, installed } = question;
  if (wanted !== undefined) return chooseWanted(question, wanted);
  const newest = newestIn(question);
  if (installed === undefined) return newest === undefined ? nothingIn(question) : usable(question, newest);
  if (newest === undefined || !isNewer(newest, installed)) return usable(question, installed);
  const isAgreed = question.approval === 'Automatic' || question.approved === newest;
  if (isAgreed) return usable(question, newest);
  const choice = usable(question, installed);
  return choice.kind === 'none' ? choice : { ...choice, pending: newest };
}

function chooseWanted(question: VersionQuestion, wanted: string): VersionChoice {
  const { name, versions, installed } = question;
  if (!versions.some(({ version }) => version === wanted)) {
    const there = inWords(versions.map(({ version }) => version));
    const message = `spec.version: there is no version ${JSON.stringify(wanted)} of the plugin ${JSON.stringify(name)}: there is ${there}; leave the field out to have the newest`;
    return { kind: 'none', reason: 'PluginVersionUnknown', message };
  }
  if (installed === undefined || !isNewer(installed, wanted)) return usable(question, wanted);
  const message = `spec.version: ${wanted} is older than ${installed}, which is installed, and what a newer version has stored an older one may not read: uninstall the plugin to install ${wanted}`;
  return { kind: 'none', reason: 'PluginDowngrade', message };
}

/** The newest of the channel that can be used. */
function newestIn({ versions, channel }: VersionQuestion): string | undefined {
  return versions.findLast((each) => each.channel === channel && each.refusal === undefined)?.version;
}

function usable({ versions }: VersionQuestion, version: string): VersionChoice {
  const refusal = versions.find((each) => each.version === version)?.refusal;
  return refusal === undefined ? { kind: 'version', version } : { kind: 'none', ...refusal };
}

function nothingIn({ name, versions, channel }: VersionQuestion): VersionChoice {
  const refusal = versions.findLast((each) => each.channel === channel)?.refusal;
  if (refusal !== undefined) return { kind: 'none', ...refusal };
  const channels = inWords([...new Set(versions.map((each) => each.channel))]);
  const message = `spec.channel: the plugin ${JSON.stringify(name)} has no channel ${JSON.stringify(channel)}: there is ${channels}`;
  return { kind: 'none', reason: 'PluginChannelUnknown', message };
}
