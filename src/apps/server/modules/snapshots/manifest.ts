import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Snapshots of volumes and of groups of volumes, and volumes that are filled from elsewhere: the kinds. */
export const snapshots: ModuleManifest = {
  name: 'snapshots',
  needs: ['csi'],
  load: definitionsFrom('snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io', 'populator.storage.k8s.io'),
};
