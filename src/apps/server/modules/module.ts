import type { StorageDescription } from '#api/capabilities/description.ts';
import type { ClusterRole, CustomResourceDefinition } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { PluginSettings, SettingsSchema } from '#api/plugins/plugin-settings.ts';
import type { PodStreamSource } from '#api/pod-streams.ts';
import type { ReasonSection } from '#api/reasons/reason-section.ts';
import type { ApiEndpoints } from '#controllers/cluster/kubernetes-service/plan.ts';
import type { QuotaUsageSource } from '#controllers/cluster/quota/quota-usage.ts';
import type { ComponentController } from '#controllers/component.ts';
import type { ConnectedDrivers } from '#controllers/csi/driver-work/drivers.ts';
import type { ModuleRuntime, Plugin, PluginNodes } from '#controllers/stowage/plugins/plugin.ts';
import type { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';
import type { Clock } from '#kit/clock.ts';
import type { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { QuotaWords } from '#machinery/apiserver/admission/quota/quota-admission.ts';
import type { QuotaKind } from '#machinery/apiserver/admission/quota/quota-kind.ts';
import type { AdmissionPlugin } from '#machinery/apiserver/contract/admission.ts';
import type { Attributes } from '#machinery/apiserver/contract/authorizer.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { RunningController } from '#machinery/runtime/run-controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { DriverEndpoint } from '#protocols/csi/endpoint-finder.ts';
import type { ApiPort } from '../api-port.ts';
import type { InitialObject } from '../initial-objects.ts';

/** What a module is at work with, as data and factories only. Nothing of a module that is not in the list of those at work is made, watched or started. */
export interface ModuleParts {
  /** Kinds that it brings. */
  readonly definitions?: () => readonly Draft<CustomResourceDefinition>[];
  /** Roles about its kinds: made, and given what they lack, at each start. Their labels say which roles of users gather them (`user-roles.ts`). */
  readonly roles?: () => readonly Draft<ClusterRole>[];
  /** What is made once in the life of an installation, by the name of the group that is noted as made. */
  readonly initialObjects?: (settings: InstallationSettings) => Readonly<Record<string, readonly InitialObject[]>>;
  /** Brings what was made at an earlier start up to date; called at each start, before anything acts and anybody is let in. */
  readonly prepare?: (client: Client, settings: InstallationSettings) => Promise<void>;
  /** What looks at writes, in order. */
  readonly admission?: (at: AdmissionDeps) => readonly AdmissionPlugin[];
  /** Kinds of quotas; the API server of an installation counts what they limit. */
  readonly quotas?: readonly QuotaRule[];
  readonly controllers?: (deps: ModuleDeps) => ControllerSet;
  /** Names of these, for a plugin: they are told before there is anything to make them with. */
  readonly controllerNames?: readonly string[];
  /** What its events, conditions and errors give as reasons. */
  readonly reasons?: readonly ReasonSection[];
  /** A CSI driver of Stowage's own. That of a plugin is on every node while the plugin is installed, all others as long as the platform is. */
  readonly driver?: DriverFactory;
  /** What can be set of a plugin, in `spec.config` of its ModuleInfo; absent = nothing. */
  readonly settings?: SettingsSchema;
  /** What a node lacks for a plugin, a sentence with the remedy each; asked on each node before it is installed. */
  readonly preflight?: (options: PreflightOptions) => Promise<readonly string[]>;
  /** What uses a plugin beside objects of its kinds, in words; it is not uninstalled while there is any. */
  readonly uses?: Plugin['uses'];
  /** Objects of a plugin's kinds that its controllers make and take away by themselves: they are no use of it. */
  readonly keeps?: Plugin['keeps'];
}

/** What a preflight looks at a node with. */
export interface PreflightOptions {
  readonly exec: Exec;
}

/** What admission of modules is made with. */
export interface AdmissionDeps {
  /** The drivers of all modules that are at work now. */
  readonly ownDrivers: () => readonly DriverFactory[];
  /** What can be installed. */
  readonly plugins: PluginCatalog;
  /** True where somebody may do that. */
  readonly mayDo: (attributes: Attributes) => boolean;
}

/** A kind of quota, and how a refusal names it. */
export interface QuotaRule {
  readonly kind: QuotaKind;
  readonly words: QuotaWords;
}

/** The values of all flags. A module reads its own with `settingsOf` (kit/config.ts). */
export type Settings = Readonly<Record<string, unknown>>;

/** What the installation is made for. */
export interface InstallationSettings {
  readonly nodeCount: number;
  readonly config: Settings;
}

/** What controllers of modules are made with. */
export interface ModuleDeps {
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly config: Settings;
  /** The drivers of all modules that are at work now. */
  readonly ownDrivers: () => readonly DriverFactory[];
  /** What can be installed. */
  readonly plugins: PluginCatalog;
  /** Starts and stops the modules that plugins are. */
  readonly runtime: ModuleRuntime;
  /** The nodes to which plugins bring drivers; absent where they are no business of this process. */
  readonly nodes?: PluginNodes | undefined;
  /** How commands are run in pods; absent where that can't be done from here. */
  readonly pods?: Pick<PodStreamSource, 'exec'> | undefined;
  /** Directories of this machine that the platform lives from. */
  readonly keptPaths: readonly string[];
  /** What only the API server of this process can say; absent on a cluster. */
  readonly api?: OwnApi | undefined;
}

/** What an API server of this process says to those that keep it going. */
export interface OwnApi {
  /** The certificate of its authority. */
  readonly rootCaPem: string;
  /** Where pods reach it. */
  readonly endpoints: ApiEndpoints;
  /** What is used of quotas of a kind; undefined where no module that is at work brings it. */
  quotaUsage(resource: Resource): QuotaUsageSource | undefined;
  /** Every kind that it serves now. */
  readonly servedResources: () => readonly Resource[];
  /** Where modules serve more than the API. */
  readonly port: ApiPort;
}

/** The controllers of one module. */
export interface ControllerSet {
  readonly always: readonly ComponentController[];
  /** Those that come and go with what is there; called when the others have seen every object. */
  readonly follow?: (run: RunController) => { stop(): Promise<void> };
}

/** Starts a controller, with the events of its component. */
export type RunController = (controller: ComponentController) => RunningController;

/** A driver of Stowage's own: a process of a node starts one, and the platform's controllers ask those of all nodes as one. */
export interface DriverFactory {
  /** As CSIDriver and StorageClass.provisioner have it. */
  readonly driverName: string;
  /** What volumes of a class with these parameters can do; nothing is known of parameters that it refuses. */
  describe(parameters: Readonly<Record<string, string>>): StorageDescription;
  /** Starts the driver of one node. */
  start(options: NodeDriverOptions): Promise<NodeDriver>;
  /** The drivers of several nodes as one. */
  join(endpoints: readonly [NodeDriverEndpoint, ...NodeDriverEndpoint[]], clock: Clock): CsiClient;
}

/** The driver of one node, as it is reached. */
type NodeDriverEndpoint = Pick<DriverEndpoint, 'nodeName' | 'client'>;

/** What a driver of a node is started with. */
export interface NodeDriverOptions {
  readonly nodeName: string;
  /** Where it keeps what is its own. */
  readonly poolDir: string;
  readonly socketPath: string;
  /** Nodes of this machine, each with a driver of its own. */
  readonly nodeCount: number;
  readonly config: Settings;
  /** Those of the plugin that the driver is of. */
  readonly settings?: PluginSettings;
  /** The node's own folder, where it may note what must outlive it; absent = it stands alone. */
  readonly nodeDir?: string;
  /** Lists what lies on the node; absent = it goes by what was noted. */
  readonly client?: Client;
  readonly version: string;
  readonly exec: Exec;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Where it is told what the driver does; absent = nobody counts. */
  readonly metrics?: Metrics;
}

/** A driver at work on a node, reached as any driver is: over its socket. */
export interface NodeDriver {
  readonly client: CsiClient;
  /** Why volumes are not served, or may be lost; undefined where all is well. */
  problem(): PlatformError | undefined;
  /** Calls back after the problem changed. */
  onChange(listener: () => void): void;
  /** Works with other settings of its plugin from now on; absent = it has none. */
  configure?(settings: PluginSettings): Promise<void>;
  /** Stops serving; `isReleasing` also lets go of the machine's things that nothing uses any more. */
  stop(isReleasing: boolean): Promise<void>;
}
