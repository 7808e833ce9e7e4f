import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Disks of machines as volumes: the kinds. */
export const disks: ModuleManifest = {
  name: 'disks',
  needs: [],
  plugin: {
    name: 'local-storage',
    displayName: { en: 'Local disks', zh: '本地磁盘' },
    description: {
      en: 'The kinds for disks of machines as volumes.',
      zh: '将机器磁盘用作卷的资源类型。',
    },
    place: 'acp-storage',
    isInstalledAtFirst: true,
  },
  load: definitionsFrom('local.storage.openshift.io'),
};
