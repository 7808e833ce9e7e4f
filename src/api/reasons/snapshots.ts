import type { ReasonSection } from './reason-section.ts';

/** Of the controllers of snapshots. */
export const SNAPSHOT_REASONS: ReasonSection = {
  title: { en: 'Events of snapshots', zh: '快照的事件' },
  tables: [
    {
      rows: [
        {
          names: ['CreatingSnapshot'],
          means: { en: 'The driver is asked for the snapshot (Normal).', zh: '正在请求驱动创建快照（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['SnapshotCreated', 'SnapshotReady'],
          means: {
            en: 'Its point in time is taken; volumes can be made from it (Normal).',
            zh: '快照时间点已确定；可以据此创建卷（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['GetSnapshotClassFailed', 'SetDefaultSnapshotClassFailed'],
          means: {
            en: 'The class that the snapshot names does not exist; or it names none, and its claim is not bound, or there is not exactly one default class for the driver of its volume.',
            zh: '快照指定的类不存在；或者未指定类，而声明尚未绑定，或其卷的驱动没有唯一的默认类。',
          },
          remedy: {
            en: 'Create the class, or mark one class of that driver with `snapshot.storage.kubernetes.io/is-default-class: "true"`.',
            zh: '创建该类，或给该驱动的一个类加上注解 `snapshot.storage.kubernetes.io/is-default-class: "true"`。',
          },
        },
        {
          names: ['SnapshotContentCreationFailed'],
          means: {
            en: 'Nothing can be taken of the claim as it is: it is not there, not bound, being deleted, its volume is of no driver or of another one than the class.',
            zh: '当前无法为声明创建快照：声明不存在、未绑定、正在删除，或其卷不属于 CSI 驱动，或与快照类的驱动不同。',
          },
          remedy: { en: 'Do what the message says; it is looked at again by itself.', zh: '按消息处理，之后会自动重试。' },
        },
        {
          names: ['SnapshotCreationFailed', 'SnapshotContentCheckandUpdateFailed'],
          means: {
            en: 'The driver did not take the snapshot, does not know the one that the content names, or could not be asked. `status.error` of the snapshot says the same.',
            zh: '驱动未能创建快照、不认识内容所指的快照，或无法询问驱动。快照的 `status.error` 给出同样的说明。',
          },
          remedy: {
            en: 'Do what the message says; it is tried again after 1 s, doubling to 5 min.',
            zh: '按消息处理；1 秒起加倍至 5 分钟自动重试。',
          },
        },
        {
          names: ['SnapshotContentMissing', 'SnapshotContentMismatch', 'SnapshotContentMisbound', 'SnapshotHandleSet', 'SnapshotMisbound'],
          means: {
            en: 'Snapshot and VolumeSnapshotContent do not name one another: the content is not there, is of another snapshot, or has another kind of source.',
            zh: '快照与 VolumeSnapshotContent 不相互对应：内容不存在、属于其他快照，或来源类型不同。',
          },
          remedy: {
            en: 'Create the content, or a new one, with the snapshot in `spec.volumeSnapshotRef` and the `snapshotHandle` in `spec.source`.',
            zh: '创建（或新建）内容，在 `spec.volumeSnapshotRef` 中写明快照，在 `spec.source` 中写明 `snapshotHandle`。',
          },
        },
        {
          names: ['SnapshotDeletePending'],
          means: {
            en: 'A claim is being made from the snapshot, or the group, that is to go; or the snapshot is a member of a group that stays.',
            zh: '正在从待删除的快照（或快照组）创建声明的卷；或者该快照是仍然存在的快照组的成员。',
          },
          remedy: {
            en: 'Nothing: it goes when the claim has its volume, or is deleted; a member goes with its group.',
            zh: '无需处理：声明得到卷或被删除后，快照随之删除；成员随快照组删除。',
          },
        },
        {
          names: ['SnapshotDeleteError'],
          means: { en: 'The driver has the snapshot still.', zh: '驱动尚未删除快照。' },
          remedy: {
            en: 'Do what the message says; it is tried again after 1 s, doubling to 5 min.',
            zh: '按消息处理；1 秒起加倍至 5 分钟自动重试。',
          },
        },
        {
          names: ['CreatingGroupSnapshot', 'GroupSnapshotCreated', 'GroupSnapshotReady'],
          means: {
            en: 'Of a group: the driver is asked for it; its point in time is taken, of all members; volumes can be made from them (Normal).',
            zh: '快照组：正在请求驱动创建；所有成员的时间点已确定；可以据此创建卷（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['GetGroupSnapshotClassFailed', 'SetDefaultGroupSnapshotClassFailed'],
          means: {
            en: 'The class that the group names does not exist; or it names none, and its claims are not all bound, are of several drivers, or there is not exactly one default class for their driver.',
            zh: '快照组指定的类不存在；或者未指定类，而其声明未全部绑定、属于多个驱动，或该驱动没有唯一的默认类。',
          },
          remedy: {
            en: 'Create the class, or mark one class of that driver with `groupsnapshot.storage.kubernetes.io/is-default-class: "true"`.',
            zh: '创建该类，或给该驱动的一个类加上注解 `groupsnapshot.storage.kubernetes.io/is-default-class: "true"`。',
          },
        },
        {
          names: ['GroupSnapshotValidationError', 'GroupSnapshotContentCreationFailed'],
          means: {
            en: 'The group can not be taken as it is: its selector is wrong or matches no claim, or one of the claims is not bound, being deleted, or its volume is of no driver or of another one than the class.',
            zh: '当前无法创建快照组：选择器有误或不匹配任何声明，或其中某个声明未绑定、正在删除，或其卷不属于 CSI 驱动，或与类的驱动不同。',
          },
          remedy: { en: 'Do what the message says; it is looked at again by itself.', zh: '按消息处理，之后会自动重试。' },
        },
        {
          names: ['GroupSnapshotCreationFailed', 'GroupSnapshotContentCheckandUpdateFailed'],
          means: {
            en: 'The driver did not take the group, does not know the one that the content names, or could not be asked. `status.error` of the group says the same.',
            zh: '驱动未能创建快照组、不认识内容所指的快照组，或无法询问驱动。快照组的 `status.error` 给出同样的说明。',
          },
          remedy: {
            en: 'Do what the message says; it is tried again after 1 s, doubling to 5 min.',
            zh: '按消息处理；1 秒起加倍至 5 分钟自动重试。',
          },
        },
        {
          names: [
            'GroupSnapshotContentMissing',
            'GroupSnapshotContentMismatch',
            'GroupSnapshotContentMisbound',
            'GroupSnapshotHandleSet',
            'GroupSnapshotMisbound',
          ],
          means: {
            en: 'Group and VolumeGroupSnapshotContent do not name one another: the content is not there, is of another group, or has another kind of source; or an object of the name of a member is of somebody else.',
            zh: '快照组与 VolumeGroupSnapshotContent 不相互对应：内容不存在、属于其他快照组，或来源类型不同；或者与成员同名的对象属于他人。',
          },
          remedy: {
            en: 'Create the content, or a new one, with the group in `spec.volumeGroupSnapshotRef` and the `groupSnapshotHandles` in `spec.source`.',
            zh: '创建（或新建）内容，在 `spec.volumeGroupSnapshotRef` 中写明快照组，在 `spec.source` 中写明 `groupSnapshotHandles`。',
          },
        },
        {
          names: ['GroupSnapshotDeleteError'],
          means: { en: 'The driver has the group still.', zh: '驱动尚未删除快照组。' },
          remedy: {
            en: 'Do what the message says; it is tried again after 1 s, doubling to 5 min.',
            zh: '按消息处理；1 秒起加倍至 5 分钟自动重试。',
          },
        },
      ],
    },
  ],
};
