import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** Users of object stores of Ceph (Rook): the kinds. */
export const ceph: ModuleManifest = {
  name: 'ceph',
  needs: [],
  plugin: {
    name: 'rook-ceph',
    displayName: { en: 'Distributed storage (Ceph)', zh: '分布式存储（Ceph）' },
    description: {
      en: 'The kinds for users of object stores of Ceph.',
      zh: 'Ceph 对象存储用户的资源类型。',
    },
    isInstalledAtFirst: true,
  },
  load: definitionsFrom('ceph.rook.io'),
};
