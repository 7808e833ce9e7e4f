import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Buckets (COSI): the kinds. */
export const buckets: ModuleManifest = {
  name: 'buckets',
  needs: [],
  load: definitionsFrom('objectstorage.k8s.io'),
};
