import type { ReasonSection } from './reason-section.ts';

/** Of schedules of snapshots. */
export const SNAPSHOT_SCHEDULE_REASONS: ReasonSection = {
  title: { en: 'Events of schedules of snapshots', zh: '快照计划的事件' },
  tables: [
    {
      rows: [
        {
          names: ['SnapshotRunBegun'],
          means: { en: 'The snapshots of a time are being taken (Normal).', zh: '正在创建该时刻的快照（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['SnapshotRunHeld'],
          means: {
            en: 'A time has come and nothing is taken: a snapshot of the run before is not ready yet, or the selector matches no bound claim.',
            zh: '时间已到但没有创建快照：上一次运行的快照尚未就绪，或选择器没有匹配到已绑定的声明。',
          },
          remedy: {
            en: 'Look at the snapshot that the message names, or at the labels of the claims. It begins by itself when that one is ready.',
            zh: '查看消息中的快照，或检查声明的标签。该快照就绪后会自动开始。',
          },
        },
        {
          names: ['SnapshotRunMissed'],
          means: {
            en: 'Times passed while nobody was there to take them; the last of them is made up for.',
            zh: '一些时刻因平台未运行而错过；只补做最后一次。',
          },
          remedy: {
            en: 'Nothing; `spec.startingDeadlineSeconds` bounds how late a run may be.',
            zh: '无需处理；`spec.startingDeadlineSeconds` 限制可以晚多久。',
          },
        },
        {
          names: ['SnapshotHookFailed'],
          means: {
            en: 'A command of `spec.hooks` failed in a pod, or was cut off. Where it is one before, and required, nothing is taken; those after run in any case.',
            zh: '`spec.hooks` 的命令在 Pod 中失败或被中断。若为必需的前置命令，则不创建快照；后置命令总会运行。',
          },
          remedy: {
            en: 'Run the command of the message with `kubectl exec`. `onError: Continue` goes on without it, `timeoutSeconds` gives it longer.',
            zh: '用 `kubectl exec` 运行消息中的命令。`onError: Continue` 可在失败时继续，`timeoutSeconds` 可延长时间。',
          },
        },
        {
          names: ['HooksNotAllowed'],
          means: {
            en: 'Who writes a schedule with `spec.hooks` may not run commands in pods of that namespace himself (refused with 403).',
            zh: '写入带 `spec.hooks` 的计划者自己无权在该命名空间的 Pod 中运行命令（以 403 拒绝）。',
          },
          remedy: {
            en: 'Ask for the right to create `pods/exec` there, or leave the hooks out.',
            zh: '申请在该处创建 `pods/exec` 的权限，或去掉 hooks。',
          },
        },
        {
          names: ['SnapshotScheduleUnreadable'],
          means: {
            en: '`spec.schedule` or `spec.timeZone` can not be read, or has no time that ever comes.',
            zh: '无法读取 `spec.schedule` 或 `spec.timeZone`，或永远不会到达该时间。',
          },
          remedy: {
            en: 'Write one, for example `0 3 * * *` and `Europe/Berlin`.',
            zh: '改为有效的值，例如 `0 3 * * *` 和 `Asia/Shanghai`。',
          },
        },
      ],
    },
  ],
};
