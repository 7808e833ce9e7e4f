import type { ModuleManifest } from '../manifest.ts';

/** Replication of volumes (VolSync): the kinds. */
export const replication: ModuleManifest = {
  name: 'replication',
  needs: [],
  load: async () => (await import('./parts.ts')).replicationParts,
};
