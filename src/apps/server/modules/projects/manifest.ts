import type { ModuleManifest } from '../manifest.ts';

/** Projects: which namespaces may use which classes. */
export const projects: ModuleManifest = {
  name: 'projects',
  needs: [],
  load: async () => (await import('./parts.ts')).projectsParts,
};
