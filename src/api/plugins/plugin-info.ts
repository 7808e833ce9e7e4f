import type { ModuleInfo } from '../generated/definitions.ts';
import type { Draft } from '../meta/object.ts';

/** Labels of the objects of plugins. */
export const PLUGIN_LABELS = {
  cluster: 'cpaas.io/cluster-name',
  module: 'cpaas.io/module-name',
  type: 'cpaas.io/module-type',
} as const;

/** On a ModulePlugin: asks what the nodes lack for it; the answer names the same value. */
export const PREFLIGHT_REQUEST = 'stowage.dev/preflight-requested-at';

/** On a ModuleInfo: has what failed looked at again at once. */
export const RETRY_REQUEST = 'stowage.dev/retry-requested-at';

/** The cluster that an embedded platform is. */
export const OWN_CLUSTER = 'stowage';

/** The channel of who names none, and of all that Stowage itself brings. */
export const DEFAULT_CHANNEL = 'stable';

/** Keeps a ModuleInfo until all that its plugin brought is gone. */
export const PLUGIN_FINALIZER = 'stowage.dev/plugin';

/** How far a plugin is. */
export type PluginPhase = 'Installing' | 'Running' | 'Upgrading' | 'Uninstalling' | 'Failed';

/** What the object that installs a plugin says by its labels. */
type Labelled = Pick<ModuleInfo, 'metadata'>;

/** The plugin that the object is about; `''` where it says none. */
export function pluginOf({ metadata }: Labelled): string {
  return metadata.labels?.[PLUGIN_LABELS.module] ?? '';
}

/** The cluster that it is about: this one, where it says none. */
export function clusterOf({ metadata }: Labelled): string {
  return metadata.labels?.[PLUGIN_LABELS.cluster] ?? OWN_CLUSTER;
}

/** The object by which a plugin is installed here, among all: of several the oldest; undefined where there is none. */
export function infoOf(plugin: string, infos: readonly ModuleInfo[]): ModuleInfo | undefined {
  const named = infos.filter((info) => pluginOf(info) === plugin && clusterOf(info) === OWN_CLUSTER);
  return named.toSorted(byAge)[0];
}

function byAge(a: Labelled, b: Labelled): number {
  return orderOf(a) < orderOf(b) ? -1 : 1;
}

function orderOf({ metadata: { creationTimestamp, name } }: Labelled): string {
  return `${creationTimestamp} ${name}`;
}

/** True where a plugin is at work, as its object says: it has a version, and is not on its way out; one that is used does not go. */
export function isInstalled({ metadata, status }: Pick<ModuleInfo, 'metadata' | 'status'>): boolean {
  // why: so are the plugins that an installation begins with, until their controller has looked at them
  if (status === undefined) return metadata.finalizers?.includes(PLUGIN_FINALIZER) ?? false;
  if (status.version === undefined) return false;
  return status.phase !== 'Uninstalling' || status.reason === 'PluginInUse';
}

/** What installs a plugin on this cluster. */
export function installing(plugin: string, version?: string): Draft<ModuleInfo> {
  return {
    metadata: {
      name: `${OWN_CLUSTER}-${plugin}`,
      labels: { [PLUGIN_LABELS.cluster]: OWN_CLUSTER, [PLUGIN_LABELS.module]: plugin, [PLUGIN_LABELS.type]: 'plugin' },
    },
    spec: version === undefined ? {} : { version },
  };
}
