import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import type { ConfigSchema } from '#kit/config.ts';
import type { Runnable, Verb } from '../../cli/verb.ts';
import type { ModuleParts } from './module.ts';

/**
 * One system of Stowage, as it stands in the list of all. Its name is that of its folder in each layer that has one. The command line reads it for
 * every verb, so that it holds nothing but small data, and the way to what is large.
 */
export interface ModuleManifest {
  readonly name: string;
  /** Modules without which it is nothing; they come before it. */
  readonly needs: readonly string[];
  /** A cluster does all of it by itself: off there. */
  readonly isOfClusters?: true;
  /** Says that it can be installed and uninstalled; absent = it is always at work. */
  readonly plugin?: PluginManifest;
  /** Settings of `stowage up` that are its own. */
  readonly flags?: ConfigSchema;
  /** Those of its flags that the process of each further node needs too. */
  readonly nodeFlags?: ConfigSchema;
  /** Words of the command line that are its own. */
  readonly verbs?: readonly ModuleVerb[];
  /** Kinds of which it can say why an object is as it is; those that most people mean first. On a cluster too, where it does nothing else. */
  readonly explanations?: readonly ExplainedKind[];
  /** What it is at work with; loaded where a platform or a node starts. */
  readonly load: () => Promise<ModuleParts>;
}

/** A module as something that can be installed. */
export interface PluginManifest {
  /** As the label `cpaas.io/module-name` has it. */
  readonly name: string;
  readonly displayName: { readonly en: string; readonly zh: string };
  readonly description: { readonly en: string; readonly zh: string };
  /** The recommended namespace, which is made where it is missing. */
  readonly place?: string;
  /** Whether an installation begins with it; a function of its flags. */
  readonly isInstalledAtFirst: boolean | ((config: Readonly<Record<string, unknown>>) => boolean);
  /** The group of initial objects with which earlier versions made those of the plugin: where it was made, what a user deleted of them stays deleted. */
  readonly splitFrom?: string;
}

/** A verb of `stowage` that a module brings. */
export interface ModuleVerb extends Omit<Verb, 'load'> {
  /** `modules` are all that there are, for a verb that shows what others bring. */
  readonly load: (modules: readonly ModuleManifest[]) => Promise<Runnable>;
}

/** A system with all that it brings. */
export interface Module extends Omit<ModuleManifest, 'load'>, ModuleParts {}

/** All that the modules bring, in the same order. */
export function loadModules(manifests: readonly ModuleManifest[]): Promise<readonly Module[]> {
  return Promise.all(manifests.map(async ({ load, ...manifest }) => ({ ...manifest, ...(await load()) })));
}

/** All kinds that can be explained. @throws TypeError where two have one name */
export function explainedKinds(modules: readonly Pick<ModuleManifest, 'explanations'>[]): readonly ExplainedKind[] {
  const kinds = modules.flatMap(({ explanations = [] }) => explanations);
  const names = kinds.flatMap(({ type, aliases }) => [type, ...aliases]);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`two kinds that can be explained are called ${twice}`);
  return kinds;
}

/** The modules in an order in which each comes after those that it needs. @throws TypeError where one is missing, stands twice, or needs itself */
export function inOrder<M extends Pick<ModuleManifest, 'name' | 'needs'>>(modules: readonly M[]): readonly M[] {
  const byName = new Map(modules.map((module) => [module.name, module]));
  if (byName.size !== modules.length) throw new TypeError('a module stands twice in the list');
  const ordered = new Set<M>();
  const visit = (name: string, above: readonly string[]): void => {
    const module = byName.get(name);
    if (module === undefined) throw new TypeError(`${above.at(-1)} needs the module ${name}, which is not there`);
    if (above.includes(name)) throw new TypeError(`modules need each other in a circle: ${[...above, name].join(', ')}`);
    for (const needed of module.needs) visit(needed, [...above, name]);
    ordered.add(module);
  };
  for (const { name } of modules) visit(name, []);
  return [...ordered];
}
