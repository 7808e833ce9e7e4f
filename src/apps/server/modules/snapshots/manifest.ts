import type { ModuleManifest } from '../manifest.ts';
import { snapshotExplanations } from './explained-kinds.ts';

/** Snapshots of volumes and of groups of them, and the way back to them. */
export const snapshots: ModuleManifest = {
  name: 'snapshots',
  needs: ['csi'],
  plugin: {
    name: 'snapshot',
    displayName: { en: 'Snapshots', zh: '快照管理' },
    description: {
      en: 'Snapshots of volumes and of groups of volumes, also by schedules, volumes made from them, and the way back to them.',
      zh: '卷快照、卷组快照及其定时计划、从快照创建卷以及回滚到快照。',
    },
    isInstalledAtFirst: true,
  },
  verbs: [
    {
      name: 'rollback',
      summary: 'take claims back to their snapshots, and undo it',
      load: async () => (await import('../../../cli/rollback/rollback.ts')).rollback,
    },
  ],
  explanations: snapshotExplanations,
  load: async () => (await import('./parts.ts')).snapshotsParts,
};
