import { inWords } from './words.ts';

/** How far a plugin that another one needs is. */
export interface DependencyState {
  readonly name: string;
  readonly state: 'running' | 'coming' | 'missing' | 'leaving';
}

/** Everything that decides what becomes of an object that installs a plugin. */
export interface PluginState {
  /** The plugin that it names. */
  readonly name: string;
  readonly cluster: string;
  readonly ownCluster: string;
  /** Plugins that there are; absent from them = unknown. */
  readonly known: readonly string[];
  /** Another object, which is older, installs the same plugin. */
  readonly rival: string | undefined;
  readonly isDeleting: boolean;
  readonly isAtWork: boolean;
  /** The version that it asks for; undefined = the one that there is. */
  readonly wantedVersion: string | undefined;
  readonly version: string;
  /** Keys of `spec.config`. */
  readonly settings: readonly string[];
  readonly dependencies: readonly DependencyState[];
  /** What the machine lacks, a sentence with the remedy each. */
  readonly lacks: readonly string[];
  /** What uses it, in words; looked for only where it is to go. */
  readonly uses: readonly string[];
}

/** Why a plugin is not installed, or not uninstalled. */
export type PluginReason =
  | 'PluginUnknown'
  | 'PluginDuplicate'
  | 'PluginVersionUnknown'
  | 'PluginConfigInvalid'
  | 'PluginDependencyMissing'
  | 'PluginPreflightFailed'
  | 'PluginInUse';

/** What becomes of it. */
export type PluginPlan =
  /** It is at work. */
  | { readonly kind: 'keep' }
  | { readonly kind: 'install' }
  | { readonly kind: 'refuse'; readonly reason: PluginReason; readonly message: string }
  /** A plugin that it needs is on its way. */
  | { readonly kind: 'wait'; readonly message: string }
  /** It is to go, and is used: it stays at work. */
  | { readonly kind: 'hold'; readonly message: string }
  | { readonly kind: 'remove' }
  /** It is to go, and nothing came by it. */
  | { readonly kind: 'release' };

/** Decides it. Pure. */
export function planPlugin(state: PluginState): PluginPlan {
  const stranger = strangerOf(state);
  if (state.isDeleting) {
    if (stranger !== undefined) return { kind: 'release' };
    return state.uses.length > 0 ? { kind: 'hold', message: inUse(state.name, state.uses) } : { kind: 'remove' };
  }
  const fault = stranger ?? faultOf(state);
  if (fault !== undefined) return { kind: 'refuse', ...fault };
  // why even where a plugin that it needs is gone or the machine has changed: what is at work is not stopped by surprise
  if (state.isAtWork) return { kind: 'keep' };
  return planInstall(state);
}

/** The sentence that says why a plugin does not go. */
export function inUse(name: string, uses: readonly string[]): string {
  return `plugin ${JSON.stringify(name)} is in use by ${uses.join('; ')}: remove what uses it first`;
}

interface Fault {
  readonly reason: PluginReason;
  readonly message: string;
}

/** It is not about a plugin of this platform, or not the one that counts. */
function strangerOf({ name, cluster, ownCluster, known, rival }: PluginState): Fault | undefined {
  if (cluster !== ownCluster) {
    const message = `label cpaas.io/cluster-name: ${JSON.stringify(cluster)} is another cluster: the name of this one is ${ownCluster}`;
    return { reason: 'PluginUnknown', message };
  }
  if (!known.includes(name)) {
    const message = `label cpaas.io/module-name: there is no plugin ${JSON.stringify(name)}: there are ${inWords(known)}`;
    return { reason: 'PluginUnknown', message };
  }
  if (rival === undefined) return undefined;
  const message = `ModuleInfo ${rival} installs the plugin ${JSON.stringify(name)} already, and a plugin is there once: delete one of the two`;
  return { reason: 'PluginDuplicate', message };
}

/** It asks for what there is not. */
function faultOf({ name, wantedVersion, version, settings }: PluginState): Fault | undefined {
  if (wantedVersion !== undefined && wantedVersion !== version) {
    const message = `spec.version: there is no version ${JSON.stringify(wantedVersion)} of the plugin ${JSON.stringify(name)}: this Stowage has ${version}; leave the field out to have what there is`;
    return { reason: 'PluginVersionUnknown', message };
  }
  const [setting] = settings;
  if (setting === undefined) return undefined;
  const message = `spec.config.${setting}: the plugin ${JSON.stringify(name)} has no settings: remove the field`;
  return { reason: 'PluginConfigInvalid', message };
}

function planInstall({ name, dependencies, lacks }: PluginState): PluginPlan {
  const without = (wanted: DependencyState['state']): readonly string[] =>
    dependencies.filter(({ state }) => state === wanted).map((dependency) => dependency.name);
  const [missing, leaving, coming] = [without('missing'), without('leaving'), without('coming')];
  if (missing.length > 0) {
    const message = `plugin ${JSON.stringify(name)} needs ${inWords(missing)}, not installed: install it first`;
    return { kind: 'refuse', reason: 'PluginDependencyMissing', message };
  }
  if (leaving.length > 0) {
    const message = `plugin ${JSON.stringify(name)} needs ${inWords(leaving)}, which is being uninstalled: install it again first`;
    return { kind: 'refuse', reason: 'PluginDependencyMissing', message };
  }
  if (lacks.length > 0) return { kind: 'refuse', reason: 'PluginPreflightFailed', message: lacks.join('; ') };
  if (coming.length > 0) return { kind: 'wait', message: `waits for ${inWords(coming)}, which it needs` };
  return { kind: 'install' };
}
