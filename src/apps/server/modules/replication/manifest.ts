import type { ModuleManifest } from '../manifest.ts';

/** Replication of volumes (VolSync): the kinds. */
export const replication: ModuleManifest = {
  name: 'replication',
  // why: what a volume is replicated from is a snapshot of it
  needs: ['snapshots'],
  plugin: {
    name: 'volsync',
    displayName: { en: 'Replication (VolSync)', zh: '卷复制（VolSync）' },
    description: {
      en: 'The kinds for replication of volumes.',
      zh: '卷复制的资源类型。',
    },
    place: 'volsync-system',
    isInstalledAtFirst: true,
  },
  load: async () => (await import('./parts.ts')).replicationParts,
};
