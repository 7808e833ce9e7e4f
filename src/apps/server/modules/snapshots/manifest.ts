import type { ModuleManifest } from '../manifest.ts';

/** Snapshots of volumes and of groups of volumes, and volumes that are filled from elsewhere: the kinds. */
export const snapshots: ModuleManifest = {
  name: 'snapshots',
  needs: ['csi'],
  load: async () => (await import('./parts.ts')).snapshotsParts,
};
