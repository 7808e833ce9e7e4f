import type { ReasonSection } from './reason-section.ts';

/** Of the way back of claims to their snapshots. */
export const ROLLBACK_REASONS: ReasonSection = {
  title: { en: 'Events of rollbacks', zh: '回滚的事件' },
  tables: [
    {
      rows: [
        {
          names: ['RolledBack'],
          means: {
            en: 'The claims have volumes made from their snapshots, and who used them runs again (Normal). The old volumes are kept.',
            zh: '声明已换用由快照创建的卷，使用者已重新启动（Normal）。旧卷仍保留。',
          },
          remedy: {
            en: 'Look whether the data is right, then `stowage rollback pvc/NAME --confirm`, or `--undo`.',
            zh: '检查数据是否正确，然后执行 `stowage rollback pvc/NAME --confirm` 或 `--undo`。',
          },
        },
        {
          names: ['RollbackConfirmed', 'RollbackUndone'],
          means: {
            en: 'It was decided, and is at its end; the volumes that are no longer used go as their reclaim policy says (Normal).',
            zh: '已作出决定，回滚结束；不再使用的卷按其回收策略处理（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['RollbackRefused'],
          means: {
            en: 'Nothing was begun: a claim or a snapshot is not there or can not be used, or another rollback of the claim is still open.',
            zh: '未开始任何操作：声明或快照不存在或不可用，或该声明还有另一个未结束的回滚。',
          },
          remedy: { en: 'Do what the message says, then make another VolumeRollback.', zh: '按消息处理，然后新建一个 VolumeRollback。' },
        },
      ],
    },
  ],
};
