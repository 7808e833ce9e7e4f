import type { ModuleManifest } from '../manifest.ts';

/** Snapshots of volumes and of groups of them. */
export const snapshots: ModuleManifest = {
  name: 'snapshots',
  needs: ['csi'],
  plugin: {
    name: 'snapshot',
    displayName: { en: 'Snapshots', zh: '快照管理' },
    description: {
      en: 'Snapshots of volumes and of groups of volumes, and volumes made from them.',
      zh: '卷快照、卷组快照以及从快照创建卷。',
    },
    isInstalledAtFirst: true,
  },
  load: async () => (await import('./parts.ts')).snapshotsParts,
};
