import type { ModuleManifest } from '../manifest.ts';
import { pluginExplanations } from './explained-kinds.ts';

/** What can be installed, and installing it. */
export const plugins: ModuleManifest = {
  name: 'plugins',
  needs: [],
  verbs: [
    {
      name: 'plugin',
      summary: 'see, install and uninstall plugins',
      load: async () => (await import('../../../cli/plugin/plugin.ts')).pluginVerb,
    },
  ],
  explanations: pluginExplanations,
  load: async () => (await import('./parts.ts')).pluginsParts,
};
