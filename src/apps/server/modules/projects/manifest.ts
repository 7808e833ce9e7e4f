import type { ModuleManifest } from '../manifest.ts';

/** Projects: which namespaces may use which classes. */
export const projects: ModuleManifest = {
  name: 'projects',
  needs: [],
  plugin: {
    name: 'projects',
    displayName: { en: 'Projects', zh: '项目' },
    description: {
      en: 'Which namespaces may use which classes, a default class and a quota for all namespaces of a project.',
      zh: '哪些命名空间可以使用哪些存储类，以及一个项目所有命名空间的默认存储类和配额。',
    },
    isInstalledAtFirst: true,
  },
  verbs: [
    {
      name: 'project',
      summary: 'see projects, and give namespaces and classes to them',
      load: async () => (await import('../../../cli/project/project.ts')).projectVerb,
    },
  ],
  load: async () => (await import('./parts.ts')).projectsParts,
};
