import type { Plugin } from '#controllers/stowage/plugins/plugin.ts';

/** Which modules are at work in this process: all but plugins that are not installed. */
export class ModulesAtWork {
  readonly plugins: readonly Plugin[];
  readonly #absent: Set<string>;

  /** Nothing of a plugin is at work until it is said with {@link add}. */
  constructor(plugins: readonly Plugin[]) {
    this.plugins = plugins;
    this.#absent = new Set(plugins.map(({ module }) => module));
  }

  has(module: string): boolean {
    return !this.#absent.has(module);
  }

  add(module: string): void {
    this.#absent.delete(module);
  }

  remove(module: string): void {
    if (this.plugins.some((plugin) => plugin.module === module)) this.#absent.add(module);
  }
}
