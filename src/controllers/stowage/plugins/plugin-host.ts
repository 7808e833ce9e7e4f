import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { PluginCatalog } from './plugin-catalog.ts';
import type { ModuleRuntime, PluginNodes, PluginSteps } from './plugin.ts';

/** The plugins that there are, and who makes them work. */
export interface PluginHost {
  readonly plugins: PluginCatalog;
  readonly runtime: ModuleRuntime;
  readonly steps: PluginSteps;
  /** Absent where nodes are no business of this process. */
  readonly nodes?: PluginNodes | undefined;
  /** What is held of objects anyway; absent = nothing. */
  readonly informers?: Pick<InformerFactory, 'find'>;
}
