import type { ModuleManifest } from '../manifest.ts';
import { snapshotExplanations } from './explained-kinds.ts';

/** Snapshots of volumes and of groups of them, the way back to them, and moves of claims. */
export const snapshots: ModuleManifest = {
  name: 'snapshots',
  needs: ['csi'],
  plugin: {
    name: 'snapshot',
    displayName: { en: 'Snapshots', zh: '快照管理' },
    description: {
      en: 'Snapshots of volumes and of groups of volumes, also by schedules, volumes made from them, the way back to them, and moves of claims.',
      zh: '卷快照、卷组快照及其定时计划、从快照创建卷、回滚到快照以及迁移声明。',
    },
    isInstalledAtFirst: true,
  },
  verbs: [
    {
      name: 'rollback',
      summary: 'take claims back to their snapshots, and undo it',
      load: async () => (await import('../../../cli/rollback/rollback.ts')).rollback,
    },
    {
      name: 'move',
      summary: 'move a claim to another class, size, node or namespace, and undo it',
      load: async () => (await import('../../../cli/move/move.ts')).move,
    },
    {
      name: 'snapshot',
      summary: 'which blocks of snapshots hold data, or have changed',
      load: async () => (await import('../../../cli/snapshot/snapshot.ts')).snapshot,
    },
  ],
  explanations: snapshotExplanations,
  load: async () => (await import('./parts.ts')).snapshotsParts,
};
