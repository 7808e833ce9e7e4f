import type { PodStreamSource } from '#api/pod-streams.ts';
import type { ConnectedDrivers } from '#controllers/csi/driver-work/drivers.ts';
import type { PluginNodes } from '#controllers/stowage/plugins/plugin.ts';
import type { PlatformExplainer } from '#controllers/stowage/explain/explain.ts';
import type { Client } from '#machinery/client/client.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { Module } from '../modules/manifest.ts';
import type { OwnApi } from '../modules/module.ts';

/** Where the modules work. What differs between an embedded platform and a cluster is said here and nowhere else. */
export interface World {
  /** The API, as Stowage itself. */
  readonly client: Client;
  /** Shared by all controllers; its client is theirs. */
  readonly informers: InformerFactory;
  /** The drivers that controllers ask. */
  readonly drivers: ConnectedDrivers;
  /** What only an API server of this process can say; absent on a cluster. */
  readonly api?: OwnApi;
  /** The nodes to which plugins bring drivers; absent where they are no business of this process. */
  readonly nodes?: PluginNodes;
  /** How commands are run in pods; absent where that can't be done from here. */
  readonly pods?: Pick<PodStreamSource, 'exec'>;
  /** Resolves when a piece of a controller's work may begin. Absent = at once. */
  readonly giveWay?: () => Promise<void>;
  /** Who answers the console's questions, from when the controllers' informers hold everything. */
  setExplainer(explainer: PlatformExplainer): void;
  /** Resolves when this process is the one whose controllers act: at once where there is no other. */
  lead(): Promise<void>;
  /** Of these modules those whose work nobody else here does, in order. */
  modulesAtWork(all: readonly Module[]): readonly Module[];
}
