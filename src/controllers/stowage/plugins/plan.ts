import type { VersionChoice, VersionReason } from './choose-version.ts';
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
  /** The version that is at work in this process. */
  readonly running: string | undefined;
  /** The version that was brought last, wholly. */
  readonly installed: string | undefined;
  /** The version that was being brought when somebody looked last; what is there may be of either. */
  readonly target: string | undefined;
  /** The version that it is to have. */
  readonly choice: VersionChoice;
  /** `spec.namespace`, and the only one that there is. */
  readonly wantedPlace: string | undefined;
  readonly place: string | undefined;
  /** What an upgrade would take from those who use it, in words; looked for only where one is to be done. */
  readonly losses: readonly string[];
  /** What is wrong with `spec.config`, a sentence each. */
  readonly configFaults: readonly string[];
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
  | VersionReason
  | 'PluginConfigInvalid'
  | 'PluginDependencyMissing'
  | 'PluginPreflightFailed'
  | 'PluginInUse';

/** What becomes of it. */
export type PluginPlan =
  /** It is at work; `pending` is a newer version that waits for a yes. */
  | { readonly kind: 'keep'; readonly pending?: string }
  | { readonly kind: 'install' }
  /** Another version is at work, or was; this one takes its place. */
  | { readonly kind: 'upgrade' }
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
  const { running, installed, target, choice } = state;
  if (choice.kind === 'none') return { kind: 'refuse', reason: choice.reason, message: withStay(choice.message, state) };
  const isBrought = running === choice.version && target === undefined && (installed ?? running) === running;
  // why even where a plugin that it needs is gone or the machine has changed: what is at work is not stopped by surprise
  if (isBrought) return { kind: 'keep', ...(choice.pending === undefined ? {} : { pending: choice.pending }) };
  return planInstall(state, choice.version);
}

/** What is at work goes on, but is not started again where nobody trusts it. */
function withStay(message: string, { choice, running, installed }: PluginState): string {
  const isOfPackage = choice.kind === 'none' && (choice.reason === 'PluginUntrusted' || choice.reason === 'PluginPackageUnfit');
  if (!isOfPackage || installed === undefined) return message;
  return running === undefined
    ? `${message}; nothing of it is started until then`
    : `${message}; it is at work until the next start, and not after it`;
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
function faultOf({ name, configFaults, wantedPlace, place }: PluginState): Fault | undefined {
  if (wantedPlace !== undefined && wantedPlace !== place) {
    const right =
      place === undefined
        ? 'it has no namespace of its own: remove the field'
        : `the recommended namespace is ${place}, and there is no other`;
    return {
      reason: 'PluginConfigInvalid',
      message: `spec.namespace: ${JSON.stringify(wantedPlace)}: the plugin ${JSON.stringify(name)}: ${right}`,
    };
  }
  return configFaults.length === 0 ? undefined : { reason: 'PluginConfigInvalid', message: configFaults.join('; ') };
}

function planInstall(state: PluginState, version: string): PluginPlan {
  const { name, running, installed, target, dependencies, lacks, losses } = state;
  const isUpgrade = target !== undefined || (installed ?? version) !== version;
  if (isUpgrade && losses.length > 0) {
    const message = `plugin ${JSON.stringify(name)} ${version} has no more what is in use: ${losses.join('; ')}: remove what uses it first`;
    return { kind: 'refuse', reason: 'PluginInUse', message };
  }
  // why not asked: a newer Stowage has it at work already
  if (running === version) return { kind: 'upgrade' };
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
  return { kind: isUpgrade || running !== undefined ? 'upgrade' : 'install' };
}
