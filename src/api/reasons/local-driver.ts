import type { ReasonSection } from './reason-section.ts';

/** Of the driver local.stowage.dev. */
export const LOCAL_DRIVER_REASONS: ReasonSection = {
  title: { en: 'Volumes (driver `local.stowage.dev`)', zh: '卷（驱动 `local.stowage.dev`）' },
  tables: [
    {
      intro: {
        en: 'They come with the events `ProvisioningFailed`, `VolumeFailedDelete` and `FailedMount`, or to whoever calls the driver over CSI.',
        zh: '随事件 `ProvisioningFailed`、`VolumeFailedDelete` 和 `FailedMount` 出现。',
      },
      rows: [
        {
          names: ['RequestRefused'],
          means: {
            en: 'A field has a value that the driver does not take: an unknown class parameter, mount flag or file system, block mode with `type: directory`, a clone.',
            zh: '驱动不接受某个字段的值：未知的存储类参数、挂载选项或文件系统，`type: directory` 的块设备模式，克隆。',
          },
          remedy: {
            en: 'The message names the field and what is allowed. Parameters belong to the class: make a new class.',
            zh: '消息给出字段和允许的值。参数属于存储类：请新建存储类。',
          },
        },
        {
          names: ['SizeRefused'],
          means: {
            en: "The size can't be made: XFS below 300 MiB, more than the limit or than 16 TiB, or the node is asked to grow before the volume was.",
            zh: '无法创建该容量：XFS 小于 300 MiB，超过上限或 16 TiB。',
          },
          remedy: { en: 'Ask for a size in the range that the message gives.', zh: '按消息给出的范围申请。' },
        },
        {
          names: ['PoolFull'],
          means: {
            en: 'The sizes of all volumes would be more than the pool; the message has what is free and what is needed.',
            zh: '所有卷的容量之和将超过存储池；消息给出可用与所需的容量。',
          },
          remedy: {
            en: 'Delete volumes, or ask for less. The claim is tried again by itself (1 s, doubling to 5 min); a claim that is made anew is tried at once.',
            zh: '删除卷或减小申请。声明会自动重试（1 秒起，加倍至 5 分钟）；重新创建的声明立即尝试。',
          },
        },
        {
          names: ['TopologyUnreachable'],
          means: { en: 'The volume is wanted on another node than the one of this pool.', zh: '要求把卷放在其他节点上。' },
          remedy: {
            en: "Correct `allowedTopologies` of the class, or the pod's node selector.",
            zh: '修正存储类的 `allowedTopologies` 或容器组的节点选择器。',
          },
        },
        {
          names: ['VolumeIncompatible'],
          means: {
            en: 'A volume of this name exists with another type, file system or size.',
            zh: '同名的卷已存在，但类型、文件系统或容量不同（存储类在首次尝试后以其他参数重建）。',
          },
          remedy: {
            en: 'For a claim: its class was made anew with other parameters after a first try; make the class again as it was, or a new claim. Other callers ask under another name.',
            zh: '按原样重建存储类，或新建声明。',
          },
        },
        {
          names: ['VolumeNotFound'],
          means: { en: 'The pool has no volume of this id.', zh: '存储池中没有该卷。' },
          remedy: {
            en: 'Was the pool or the data directory exchanged? A PersistentVolume whose data are gone for good can be deleted.',
            zh: '检查数据目录是否被更换；数据确已丢失的 PersistentVolume 可以删除。',
          },
        },
        {
          names: ['SnapshotNotFound'],
          means: { en: 'The pool has no snapshot of this id.', zh: '存储池中没有该快照。' },
          remedy: {
            en: 'List the snapshots; was the pool exchanged, or the snapshot deleted?',
            zh: '列出快照；检查存储池是否被更换或快照已删除。',
          },
        },
        {
          names: ['SnapshotIncompatible'],
          means: {
            en: 'A snapshot of this name exists, of another volume; the message says which.',
            zh: '同名快照已存在，但属于另一个卷；消息说明是哪个。',
          },
          remedy: { en: 'Delete it, or ask under another name.', zh: '删除它，或换一个名称。' },
        },
        {
          names: ['SnapshotInGroup'],
          means: { en: 'The snapshot came with a group snapshot.', zh: '该快照属于一个组快照。' },
          remedy: { en: 'Delete the group snapshot; its snapshots go with it.', zh: '删除组快照，其中的快照随之删除。' },
        },
        {
          names: ['GroupAcrossNodes'],
          means: {
            en: 'The volumes of a group snapshot lie on several nodes, which nothing holds still together; the message says on which.',
            zh: '组快照的卷位于多个节点，无法同时冻结；消息说明是哪些节点。',
          },
          remedy: { en: 'Make one group snapshot for each node.', zh: '为每个节点分别创建组快照。' },
        },
        {
          names: ['BlockMapUnreadable'],
          means: {
            en: "The file system's map of a snapshot's blocks could not be read to its end (a very fragmented volume).",
            zh: '无法完整读取快照的块映射（卷碎片过多）。',
          },
          remedy: {
            en: 'Copy the snapshot as a whole; only the lists of allocated and changed blocks are missing.',
            zh: '整体复制快照；缺少的只是已分配块与变更块的列表。',
          },
        },
        {
          names: ['GroupSnapshotNotFound'],
          means: { en: 'The pool has no group snapshot of this id.', zh: '存储池中没有该组快照。' },
          remedy: { en: 'List the snapshots; was the group snapshot deleted?', zh: '列出快照；检查组快照是否已删除。' },
        },
        {
          names: ['VolumePathNotFound'],
          means: { en: 'Nothing of the volume is mounted at this path.', zh: '该路径上没有挂载此卷。' },
          remedy: {
            en: 'Nothing when a pod has just ended; else start the pod again.',
            zh: '容器组刚结束时无需处理，否则重新启动容器组。',
          },
        },
        {
          names: ['VolumeNotStaged'],
          means: { en: 'The volume is to be given to a pod and was not staged on the node.', zh: '卷尚未在节点上准备。' },
          remedy: {
            en: 'The node stages and tries again; other callers call NodeStageVolume first.',
            zh: '节点会自动重试；其他调用方应先调用 NodeStageVolume。',
          },
        },
        {
          names: ['VolumeInUse'],
          means: {
            en: 'The volume is still staged, mounted or open, where the call needs it free: deletion, unstaging, and a copy of something that can not be held still (a directory, or a raw device in a pool that can not share blocks); the message says where.',
            zh: '卷仍被使用、挂载或打开，消息说明位置。',
          },
          remedy: {
            en: 'End what uses it: pods, or a process that `fuser -m PATH` shows. It is tried again.',
            zh: '结束使用它的容器组或进程（`fuser -m PATH`）；会自动重试。',
          },
        },
        {
          names: ['FrozenTooLong'],
          means: {
            en: 'A copy of volumes in use took longer than their file systems may be held still (8 s): nothing was copied, and writes go on.',
            zh: '复制使用中的卷所需时间超过文件系统可以冻结的时间（8 秒）：未复制任何内容，写入继续进行。',
          },
          remedy: {
            en: 'Stop the pods that use them, or have the pool on XFS or Btrfs, where a copy shares blocks. It is tried again.',
            zh: '停止使用这些卷的容器组，或将存储池放在 XFS 或 Btrfs 上（复制时共享数据块）；会自动重试。',
          },
        },
        {
          names: ['SingleWriterConflict'],
          means: { en: 'A ReadWriteOncePod volume is used by another pod.', zh: 'ReadWriteOncePod 卷正被另一个容器组使用。' },
          remedy: {
            en: 'Wait until that pod is gone, or use ReadWriteOnce. It is tried again.',
            zh: '等该容器组消失，或使用 ReadWriteOnce；会自动重试。',
          },
        },
        {
          names: ['PathOccupied'],
          means: {
            en: 'Something else is mounted, or files lie, where the volume is to go. Nothing was removed.',
            zh: '目标位置已有其他挂载或文件；没有删除任何内容。',
          },
          remedy: { en: 'Unmount it, or move the files away.', zh: '卸载它，或移走文件。' },
        },
        {
          names: ['FilesystemMismatch'],
          means: {
            en: 'On the volume is another file system than asked for, or data that are none. It is never formatted again.',
            zh: '卷上的文件系统与要求不同，或有不属于文件系统的数据；不会重新格式化。',
          },
          remedy: {
            en: 'Ask for the file system that is there; use `volumeMode: Block` for a volume that was used so; or make a new claim.',
            zh: '要求已有的文件系统；按块设备使用过的卷用 `volumeMode: Block`；或新建声明。',
          },
        },
        {
          names: ['VolumeDamaged'],
          means: { en: "The volume's image, directory or record is gone or unreadable.", zh: '卷的映像、目录或记录丢失或无法读取。' },
          remedy: { en: 'Restore it from a copy, or delete claim and volume.', zh: '从副本恢复，或删除声明和卷。' },
        },
        {
          names: ['GrowthNeedsRemount'],
          means: {
            en: 'The volume has grown, but this kernel does not let us grow a mounted EXT4.',
            zh: '卷已扩大，但内核不允许在线扩大已挂载的 EXT4。',
          },
          remedy: {
            en: 'Stop the pods that use it; the file system grows when one starts again.',
            zh: '停止使用它的容器组；再次启动时文件系统自动扩大。',
          },
        },
        {
          names: ['RootRequired'],
          means: { en: 'Mounting needs root, and this process is not.', zh: '挂载需要 root。' },
          remedy: { en: 'Start the platform as root.', zh: '以 root 启动平台。' },
        },
        {
          names: ['DriverConnectionClosed'],
          means: {
            en: 'A driver was asked after the connection to it was closed on this side: it was removed, or the platform stops.',
            zh: '本端已关闭与驱动的连接后仍有调用：驱动已被移除，或平台正在停止。',
          },
          remedy: {
            en: 'Nothing while the platform stops; else register the driver again.',
            zh: '平台停止时无需处理；否则请重新注册该驱动。',
          },
        },
        {
          names: ['DriverNotReady'],
          means: { en: 'The driver still looks at its pool after its start.', zh: '驱动启动后仍在检查存储池。' },
          remedy: { en: 'Wait a moment; it is tried again.', zh: '稍候，会自动重试。' },
        },
        {
          names: ['OperationPending'],
          means: {
            en: '16 calls for this volume already wait, or it is looked for while it is being made or deleted.',
            zh: '该卷已有 16 个调用在等待，或在创建、删除期间被查询。',
          },
          remedy: {
            en: 'It is tried again. If it stays, the running call hangs: look at the log and `dmesg`.',
            zh: '会自动重试；若持续出现，查看日志和 `dmesg`。',
          },
        },
        {
          names: ['InvalidListToken'],
          means: {
            en: 'ListVolumes was asked to go on from a token that is not of this driver.',
            zh: 'ListVolumes 的起始标记不属于该驱动。',
          },
          remedy: { en: 'List again without a token.', zh: '不带标记重新列出。' },
        },
        {
          names: ['NodeDriverSilent'],
          means: {
            en: 'A volume is looked for, and the driver of a node that may have it does not answer, or does not say whether it has it.',
            zh: '正在查找卷，而可能持有它的节点上的驱动没有应答，或没有说明是否持有它。',
          },
          remedy: {
            en: 'It is looked for again when the node is back (`kubectl get nodes`); where the message has an answer of the driver, as that says.',
            zh: '节点恢复后会再次查找（`kubectl get nodes`）；消息中有驱动的回答时，按其处理。',
          },
        },
        {
          names: ['MethodUnimplemented'],
          means: { en: 'The driver does not have this call, and says so in its capabilities.', zh: '驱动没有此调用。' },
          remedy: { en: 'Use a driver that has it.', zh: '使用支持它的驱动。' },
        },
      ],
    },
  ],
};
