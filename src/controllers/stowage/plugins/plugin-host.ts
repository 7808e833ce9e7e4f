import type { PluginCatalog } from './plugin-catalog.ts';
import type { ModuleRuntime, PluginSteps } from './plugin.ts';

/** The plugins that there are, and who makes them work. */
export interface PluginHost {
  readonly plugins: PluginCatalog;
  readonly runtime: ModuleRuntime;
  readonly steps: PluginSteps;
}
