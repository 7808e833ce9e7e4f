import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Logical volumes of LVM (TopoLVM): the kinds. */
export const topolvm: ModuleManifest = {
  name: 'topolvm',
  needs: [],
  load: definitionsFrom('topolvm.io'),
};
