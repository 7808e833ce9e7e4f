import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Disks of machines as volumes: the kinds. */
export const disks: ModuleManifest = {
  name: 'disks',
  needs: [],
  load: definitionsFrom('local.storage.openshift.io'),
};
