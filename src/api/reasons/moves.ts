import type { ReasonSection } from './reason-section.ts';

/** Of moves of claims. */
export const MOVE_REASONS: ReasonSection = {
  title: { en: 'Events of moves', zh: '迁移的事件' },
  tables: [
    {
      rows: [
        {
          names: ['ClaimMoved'],
          means: {
            en: 'The claim has its new volume with all its data, and who used it runs again, but for a move to another namespace (Normal). The old volume is kept.',
            zh: '声明已换用带全部数据的新卷；除迁移到其他命名空间外，使用者已重新启动（Normal）。旧卷仍保留。',
          },
          remedy: {
            en: 'Look whether all is right, then `stowage move pvc/NAME --confirm`, or `--undo`.',
            zh: '检查是否一切正常，然后执行 `stowage move pvc/NAME --confirm` 或 `--undo`。',
          },
        },
        {
          names: ['MoveConfirmed', 'MoveUndone'],
          means: {
            en: 'It was decided, and is at its end; the volume that is no longer used goes as its reclaim policy says (Normal).',
            zh: '已作出决定，迁移结束；不再使用的卷按其回收策略处理（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['MoveRefused'],
          means: {
            en: 'The claim is where and as it was: what was asked for can not be, the data does not fit, or another job has the claim.',
            zh: '声明保持原样：所请求的目标不可行、数据放不下，或该声明正由另一个作业处理。',
          },
          remedy: { en: 'Do what the message says, then make another VolumeMove.', zh: '按消息处理，然后新建一个 VolumeMove。' },
        },
      ],
    },
  ],
};
