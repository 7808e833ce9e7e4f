import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import type { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';

/** Which modules are at work in this process: all but plugins that are not installed. */
export class ModulesAtWork {
  readonly plugins: PluginCatalog;
  readonly #absent: Set<string>;
  /** What this start found installed, by module. */
  readonly #atStart = new Map<string, Plugin>();

  /** Nothing of a plugin is at work until it is said with {@link add}. */
  constructor(plugins: PluginCatalog) {
    this.plugins = plugins;
    this.#absent = new Set(plugins.builtIn.map(({ module }) => module));
  }

  /** Says which plugins, in which version, a start of the platform has found installed. */
  startWith(plugins: readonly Plugin[]): void {
    for (const plugin of plugins) this.#atStart.set(plugin.module, plugin);
  }

  get atStart(): ReadonlyMap<string, Plugin> {
    return this.#atStart;
  }

  has(module: string): boolean {
    return !this.#absent.has(module);
  }

  add(module: string): void {
    this.#absent.delete(module);
  }

  remove(module: string): void {
    if (this.plugins.names.some((name) => this.plugins.versionsOf(name).some((plugin) => plugin.module === module)))
      this.#absent.add(module);
  }
}
