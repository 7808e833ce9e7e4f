import type { ReasonSection } from './reason-section.ts';

/** Of the undo of a claim's deletion. */
export const UNDELETE_REASONS: ReasonSection = {
  title: { en: 'Events of deleted claims', zh: '已删除声明的事件' },
  tables: [
    {
      rows: [
        {
          names: ['DeletedClaimKept'],
          means: {
            en: 'A claim of a class with the annotation `stowage.dev/deletion-grace` was deleted; its volume is kept until the time in the message (Normal). It counts in the quotas of its namespace until then.',
            zh: '带有注解 `stowage.dev/deletion-grace` 的存储类的声明已被删除；其卷保留到消息中的时间（Normal）。在此之前它仍计入其命名空间的配额。',
          },
          remedy: {
            en: '`stowage undelete pvc/NAME -n NS` brings both back; `stowage undelete pvc/NAME -n NS --now` lets the volume go at once.',
            zh: '`stowage undelete pvc/NAME -n NS` 将两者恢复；`stowage undelete pvc/NAME -n NS --now` 立即放弃该卷。',
          },
        },
        {
          names: ['Undeleted'],
          means: {
            en: 'A claim has the volume of the deleted one, with its data (Normal).',
            zh: '声明已获得被删除声明的卷及其数据（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['UndeleteRefused'],
          means: {
            en: 'A claim names the volume of a deleted one and does not get it: it asks for what the volume is not, or its namespace is not the one that the volume was kept for.',
            zh: '声明指定了已删除声明的卷，但无法获得：其要求与该卷不符，或其命名空间不是该卷所保留给的命名空间。',
          },
          remedy: {
            en: 'Create the claim as `spec.claim` of its DeletedClaim has it; for a namespace that was made anew, an administrator gives the volume over with `stowage undelete`.',
            zh: '按 DeletedClaim 的 `spec.claim` 创建声明；对于重新创建的命名空间，由管理员用 `stowage undelete` 移交该卷。',
          },
        },
        {
          names: ['DeletionGraceEnded'],
          means: {
            en: 'The time is over, or somebody let the volume go: it goes as its reclaim policy says (Normal).',
            zh: '保留时间已到，或有人放弃了该卷：按其回收策略处理（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['DeletedClaimNotShown'],
          means: {
            en: 'The volume of a deleted claim is kept, but the DeletedClaim that tells of it in the namespace is refused, as by a quota or a webhook.',
            zh: '已删除声明的卷仍保留，但其命名空间中用于说明它的 DeletedClaim 被拒绝，例如被配额或 webhook 拒绝。',
          },
          remedy: {
            en: 'Mend what the message names. An administrator sees the volume with `stowage undelete --list` all the same.',
            zh: '按消息处理。管理员仍可通过 `stowage undelete --list` 看到该卷。',
          },
        },
        {
          names: ['DeletedClaimUnreadable'],
          means: {
            en: 'Somebody has changed what Stowage wrote on a kept volume about its claim. The volume stays.',
            zh: '有人更改了 Stowage 在保留卷上写下的声明信息。该卷继续保留。',
          },
          remedy: {
            en: 'Put the annotation `volumes.stowage.dev/deleted-claim` right, or remove it: then the volume goes as its reclaim policy says.',
            zh: '修正注解 `volumes.stowage.dev/deleted-claim`，或将其删除：之后该卷按其回收策略处理。',
          },
        },
        {
          names: ['DeletionGraceInvalid'],
          means: {
            en: 'The annotation `stowage.dev/deletion-grace` of a class says no time, and nothing is kept for it. Only on a cluster: the API of Stowage refuses such a class.',
            zh: '存储类的注解 `stowage.dev/deletion-grace` 不是有效的时长，因此不保留任何内容。仅在外部集群上出现：Stowage 自身的 API 会拒绝此类存储类。',
          },
          remedy: {
            en: 'Write a time as `72h` or `1h30m`, from `1s` to `8760h`, or leave it out.',
            zh: '写成 `72h` 或 `1h30m` 形式的时长（`1s` 至 `8760h`），或删除该注解。',
          },
        },
      ],
    },
  ],
};
