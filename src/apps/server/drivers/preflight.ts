import type { Module } from '../modules/manifest.ts';
import type { PreflightOptions } from '../modules/module.ts';
import type { PackagedCode } from './packaged-code.ts';

/** Asks what the node of this process lacks for a module, or for what code of a package brings: a sentence with the remedy each. */
export function preflightOf(
  modules: readonly Pick<Module, 'name' | 'preflight'>[],
  options: PreflightOptions,
): (module: string, code?: PackagedCode) => Promise<readonly string[]> {
  return async (module, code) => {
    if (code === undefined) return (await modules.find(({ name }) => name === module)?.preflight?.(options)) ?? [];
    // why here: a node without packages loads nothing of them
    const { loadCode } = await import('../modules/plugins/load-code.ts');
    const lacks = (await (await loadCode(code)).preflight?.(options)) ?? [];
    return lacks.map(String);
  };
}
