import type { ModuleManifest } from '../manifest.ts';
import { kubernetesExplanations } from './explained-kinds.ts';

/** What a cluster does by itself, for the embedded API that nobody else keeps going. */
export const kubernetes: ModuleManifest = {
  name: 'kubernetes',
  needs: [],
  isOfClusters: true,
  verbs: [
    {
      name: 'image',
      summary: 'bring images for pods from archives',
      load: async () => (await import('../../../cli/image/image.ts')).imageVerb,
    },
  ],
  explanations: kubernetesExplanations,
  load: async () => (await import('./parts.ts')).kubernetesParts,
};
