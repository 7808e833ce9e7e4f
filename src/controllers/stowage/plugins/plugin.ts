import type { ClusterRole, CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';

/** A text in the languages of Stowage. */
interface InBoth {
  readonly en: string;
  readonly zh: string;
}

/** Something that can be installed and uninstalled, and what it brings. */
export interface Plugin {
  /** As the label `cpaas.io/module-name` has it. */
  readonly name: string;
  /** The module that it is. */
  readonly module: string;
  readonly version: string;
  readonly displayName: InBoth;
  readonly description: InBoth;
  /** Whether an installation begins with it. */
  readonly isInstalledAtFirst: boolean;
  /** Plugins without which it is nothing. */
  readonly dependencies: readonly string[];
  readonly definitions: readonly Draft<CustomResourceDefinition>[];
  readonly roles: readonly Draft<ClusterRole>[];
  /** Objects that it makes when it is installed, in order, by the group that is noted as made. */
  readonly objects: Readonly<Record<string, readonly PluginObject[]>>;
  /** What this machine lacks for it, a sentence with the remedy each. */
  readonly preflight?: (() => Promise<readonly string[]>) | undefined;
  /** What uses it beside objects of its kinds, in words. */
  readonly uses?: ((reader: UsesReader) => Promise<readonly string[]>) | undefined;
}

/** How what is there is read: from the API, or, where a write is judged, from the store. */
export interface UsesReader {
  definition(name: string): Promise<CustomResourceDefinition | undefined> | CustomResourceDefinition | undefined;
  instances(resource: Resource): Promise<readonly KubeObject[]> | readonly KubeObject[];
}

/** An object that comes with a plugin and goes with it. */
export interface PluginObject {
  readonly resource: Resource;
  readonly draft: Draft<KubeObject>;
}

/** What installing and uninstalling consists of. Each step looks first, so that it may be done again after a crash. */
export interface PluginSteps {
  /** The kinds are served when it resolves. */
  makeDefinitions(plugin: Plugin): Promise<void>;
  makeRoles(plugin: Plugin): Promise<void>;
  /** Once for each time that it is installed: what a user deletes stays deleted. */
  makeObjects(plugin: Plugin): Promise<void>;
  /** Answers whether they are gone. */
  removeObjects(plugin: Plugin): Promise<boolean>;
  removeRoles(plugin: Plugin): Promise<void>;
  /** Answers whether they are gone. */
  removeDefinitions(plugin: Plugin): Promise<boolean>;
}

/** What a module does beside its objects: its controllers, and what looks at writes. */
export interface ModuleRuntime {
  isAtWork(module: string): boolean;
  start(module: string): Promise<void>;
  stop(module: string): Promise<void>;
  /** Lets go of what was kept of the module's own kinds, which are gone. */
  forget(module: string): void;
}

/** The plugins that there are, and who makes them work. */
export interface PluginHost {
  readonly plugins: readonly Plugin[];
  readonly runtime: ModuleRuntime;
  readonly steps: PluginSteps;
}
