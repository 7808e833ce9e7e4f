import type { Module } from '../modules/manifest.ts';
import type { PreflightOptions } from '../modules/module.ts';

/** Asks what the node of this process lacks for a module, a sentence with the remedy each. */
export function preflightOf(
  modules: readonly Pick<Module, 'name' | 'preflight'>[],
  options: PreflightOptions,
): (module: string) => Promise<readonly string[]> {
  return async (module) => (await modules.find(({ name }) => name === module)?.preflight?.(options)) ?? [];
}
