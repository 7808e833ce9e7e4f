import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Users of object stores of Ceph (Rook): the kinds. */
export const ceph: ModuleManifest = {
  name: 'ceph',
  needs: [],
  load: definitionsFrom('ceph.rook.io'),
};
