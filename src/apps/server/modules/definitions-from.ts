import type { ModuleParts } from './module.ts';

/** What a module is at work with that brings the kinds of these API groups and nothing else. */
export function definitionsFrom(...groups: readonly string[]): () => Promise<ModuleParts> {
  return async () => {
    const { definitionsOf } = await import('#api/definitions/brought-along.ts');
    return { definitions: () => definitionsOf(...groups) };
  };
}
