import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Logical volumes of LVM (TopoLVM): the kinds. */
export const topolvm: ModuleManifest = {
  name: 'topolvm',
  needs: [],
  plugin: {
    name: 'topolvm',
    displayName: { en: 'TopoLVM', zh: 'TopoLVM' },
    description: {
      en: 'The kinds for logical volumes of LVM.',
      zh: 'LVM 逻辑卷的资源类型。',
    },
    isInstalledAtFirst: true,
  },
  load: definitionsFrom('topolvm.io'),
};
