import type { ModuleManifest } from '../manifest.ts';

/** Projects: which namespaces may use which classes. */
export const projects: ModuleManifest = {
  name: 'projects',
  needs: [],
  verbs: [
    {
      name: 'project',
      summary: 'see projects, and give namespaces and classes to them',
      load: async () => (await import('../../../cli/project/project.ts')).projectVerb,
    },
  ],
  load: async () => (await import('./parts.ts')).projectsParts,
};
