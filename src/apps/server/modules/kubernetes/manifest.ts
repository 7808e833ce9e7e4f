import type { ModuleManifest } from '../manifest.ts';

/** What a cluster does by itself, for the embedded API that nobody else keeps going. */
export const kubernetes: ModuleManifest = {
  name: 'kubernetes',
  needs: [],
  isOfClusters: true,
  load: async () => (await import('./parts.ts')).kubernetesParts,
};
