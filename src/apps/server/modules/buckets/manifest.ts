import type { ModuleManifest } from '../manifest.ts';

/** Buckets (COSI): the kinds. */
export const buckets: ModuleManifest = {
  name: 'buckets',
  needs: [],
  load: async () => (await import('./parts.ts')).bucketsParts,
};
