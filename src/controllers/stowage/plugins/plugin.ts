import type { ModuleInfo } from '#api/generated/definitions.ts';
import type { ClusterRole, CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { PluginSettings, SettingsSchema } from '#api/plugins/plugin-settings.ts';
import type { Client } from '#machinery/client/client.ts';

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
  /** Absent = stable. */
  readonly channel?: string;
  /** The recommended namespace, which is made where it is missing. */
  readonly place?: string;
  /** Absent = Stowage itself brings it. */
  readonly from?: PackageOrigin;
  readonly displayName: InBoth;
  readonly description: InBoth;
  /** Whether an installation begins with it. */
  readonly isInstalledAtFirst: boolean;
  /** The group of objects in which its own were made before it was a plugin. */
  readonly splitFrom?: string | undefined;
  /** Plugins without which it is nothing. */
  readonly dependencies: readonly string[];
  readonly definitions: readonly Draft<CustomResourceDefinition>[];
  readonly roles: readonly Draft<ClusterRole>[];
  /** Objects that it makes when it is installed, in order, by the group that is noted as made. */
  readonly objects: Readonly<Record<string, readonly PluginObject[]>>;
  /** What can be set of it; absent = nothing. */
  readonly settings?: SettingsSchema | undefined;
  /** The CSI driver that it brings to every node. */
  readonly driverName?: string | undefined;
  /** Brings what an earlier installation made up to date, after its objects are there. */
  readonly prepare?: ((client: Client) => Promise<void>) | undefined;
  /** Names of its controllers. */
  readonly controllers?: readonly string[];
  /** Names of its rules about writes. */
  readonly rules?: readonly string[];
  /** What uses it beside objects of its kinds, in words. */
  readonly uses?: ((reader: UsesReader) => Promise<readonly string[]>) | undefined;
  /** Objects of its kinds that its controllers keep by themselves, which hold nothing. Pure. */
  readonly keeps?: { readonly resource: Resource; readonly isOwn: (object: KubeObject) => boolean } | undefined;
}

/** The package that brings a plugin. */
export interface PackageOrigin {
  /** The object that it lies in. */
  readonly packageName: string;
  /** Of its manifest, and so of all that is in it. */
  readonly digest: string;
  /** Of the key that signed it. */
  readonly fingerprint: string;
  /** Whose key that is; undefined = nobody's who is trusted. */
  readonly signer: string | undefined;
  /** Why it is not installed, and nothing of it is started. */
  readonly refusal?: { readonly reason: 'PluginUntrusted' | 'PluginPackageUnfit'; readonly message: string };
  readonly code?: PluginCode;
}

/** A module of JavaScript, which runs only where its package is trusted. */
export interface PluginCode {
  readonly digest: string;
  readonly source: string;
}

/** How what is there is read: from the API, or, where a write is judged, from the store. */
export interface UsesReader {
  definition(name: string): Promise<CustomResourceDefinition | undefined> | CustomResourceDefinition | undefined;
  instances<K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> | readonly K[];
  /** The first of them, at most `max`, and how many there are. */
  some(resource: Resource, max: number): Promise<SomeObjects> | SomeObjects;
}

/** Some objects of all that there are. */
export interface SomeObjects {
  readonly items: readonly KubeObject[];
  readonly count: number;
}

/** An object that comes with a plugin and goes with it. */
export interface PluginObject {
  readonly resource: Resource;
  readonly draft: Draft<KubeObject>;
}

/** Something that has come by a plugin, as the status of its ModuleInfo notes it: by it a later version knows what goes. */
export type Brought = NonNullable<NonNullable<ModuleInfo['status']>['brought']>[number];

/** What installing and uninstalling consists of. Each step looks first, so that it may be done again after a crash. */
export interface PluginSteps {
  /** The kinds are served when it resolves. */
  makeDefinitions(plugin: Plugin): Promise<void>;
  /** What the version before gave and this one does not is taken back. */
  makeRoles(plugin: Plugin, before?: Plugin): Promise<void>;
  /** Once for each time that it is installed: what a user deletes stays deleted. */
  makeObjects(plugin: Plugin): Promise<void>;
  /** Brings them up to date. */
  prepare(plugin: Plugin): Promise<void>;
  /** Answers whether they are gone. */
  removeObjects(plugin: Plugin): Promise<boolean>;
  removeRoles(plugin: Plugin): Promise<void>;
  /** Answers whether they are gone. */
  removeDefinitions(plugin: Plugin): Promise<boolean>;
  /** What another version has brought; answers whether it is gone. */
  removeLeftovers(plugin: Plugin, brought: readonly Brought[]): Promise<boolean>;
}

/** What a module does beside its objects: its controllers, and what looks at writes. */
export interface ModuleRuntime {
  /** The version that is at work; undefined = none. */
  versionOf(module: string): string | undefined;
  start(plugin: Plugin): Promise<void>;
  /** Its rules about writes hold from now on, also where nothing of it runs, until {@link stop}. */
  holdRules(module: string): void;
  /** Stops its controllers; its rules about writes hold. */
  pause(module: string): Promise<void>;
  stop(module: string): Promise<void>;
  /** Lets go of what was kept of the plugin's own kinds, which are gone. */
  forget(plugin: Pick<Plugin, 'definitions'>): void;
}

/** The nodes, as far as plugins bring something to them. Each step looks first. */
export interface PluginNodes {
  /** What the nodes lack for the plugin, a sentence with the remedy each. */
  preflight(plugin: Plugin): Promise<readonly string[]>;
  /** Every node that is up serves its driver with these settings when it resolves; one that is not follows when it starts. @throws where one can't; a driver that was not there before is then nowhere */
  ensure(plugin: Plugin, settings: PluginSettings): Promise<void>;
  /** No node serves its driver any more. */
  remove(module: string): Promise<void>;
  /** Calls back when a node can not serve what it served before; answers how to end that. */
  onFault(listener: (module: string) => void): () => void;
}
