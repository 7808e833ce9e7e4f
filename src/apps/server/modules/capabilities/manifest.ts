import type { ModuleManifest } from '../manifest.ts';

/** What classes can do, by what their drivers say of themselves and what ConfigMaps say of others. */
export const capabilities: ModuleManifest = {
  name: 'capabilities',
  needs: [],
  verbs: [
    {
      name: 'class',
      summary: 'show what storage classes can do, and who says so',
      load: async (modules) => (await import('../../../cli/class/class.ts')).classVerb(modules),
    },
  ],
  load: async () => (await import('./parts.ts')).capabilitiesParts,
};
