import { effectiveSettings, type PluginSettings } from '#api/plugins/plugin-settings.ts';
import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';
import type { PluginCatalog } from '#controllers/stowage/plugins/plugin-catalog.ts';

/** Which modules are at work in this process: all but plugins that are not installed. */
export class ModulesAtWork {
  readonly plugins: PluginCatalog;
  readonly #absent: Set<string>;
  /** Of which nothing runs, and of whose kinds and objects some may be there. */
  readonly #ruled = new Set<string>();
  /** What this start found installed, by module. */
  readonly #atStart = new Map<string, Plugin>();
  readonly #settings = new Map<string, PluginSettings>();

  /** Nothing of a plugin is at work until it is said with {@link add}. */
  constructor(plugins: PluginCatalog) {
    this.plugins = plugins;
    this.#absent = new Set(plugins.builtIn.map(({ module }) => module));
  }

  /** Says which plugins, in which version and with which settings, a start of the platform has found installed. */
  startWith(plugins: readonly Plugin[], settings: ReadonlyMap<string, PluginSettings> = new Map()): void {
    for (const plugin of plugins) {
      this.#atStart.set(plugin.module, plugin);
      this.#settings.set(plugin.module, settings.get(plugin.name) ?? effectiveSettings(plugin.settings));
    }
  }

  /** The plugins of Stowage that bring a driver and are at work from the start, with their settings, by module. */
  drivers(): ReadonlyMap<string, PluginSettings> {
    const own = new Set(this.plugins.builtIn.map(({ module }) => module));
    // why only of these: the driver of a package is brought by its controller, which has asked whether somebody trusts its code
    const bringing = [...this.#atStart.values()].filter(
      ({ module, driverName }) => driverName !== undefined && own.has(module) && this.has(module),
    );
    return new Map(bringing.map(({ module }) => [module, this.#settings.get(module) ?? {}]));
  }

  get atStart(): ReadonlyMap<string, Plugin> {
    return this.#atStart;
  }

  has(module: string): boolean {
    return !this.#absent.has(module);
  }

  /** True where its rules about writes hold: it is at work, or what it brought may be used. */
  hasRules(module: string): boolean {
    return this.has(module) || this.#ruled.has(module);
  }

  /** Its rules about writes hold from now on, until {@link remove}. */
  holdRules(module: string): void {
    this.#ruled.add(module);
  }

  add(module: string): void {
    this.#absent.delete(module);
  }

  remove(module: string): void {
    if (this.plugins.names.some((name) => this.plugins.versionsOf(name).some((plugin) => plugin.module === module)))
      this.#absent.add(module);
    this.#ruled.delete(module);
  }
}
