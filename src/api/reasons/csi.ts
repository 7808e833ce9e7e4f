import type { ReasonSection } from './reason-section.ts';

/** Of the controllers that work with CSI drivers. */
export const CSI_REASONS: ReasonSection = {
  title: { en: 'Events of provisioning, growth and attachment', zh: '创建、扩容与挂接的事件' },
  tables: [
    {
      intro: {
        en: '`kubectl describe` shows them with the object; those of type Normal only tell what happens.',
        zh: '`kubectl describe` 显示这些事件；类型为 Normal 的只说明进展。',
      },
      rows: [
        {
          names: ['Provisioning'],
          means: { en: 'The driver is asked for a volume (Normal).', zh: '正在请求驱动创建卷（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['ProvisioningSucceeded'],
          means: { en: 'The PersistentVolume exists (Normal).', zh: 'PersistentVolume 已创建（Normal）。' },
          remedy: { en: 'Nothing; binding follows.', zh: '无需处理，随后绑定。' },
        },
        {
          names: ['ProvisioningFailed'],
          means: {
            en: "There is no volume yet: the class does not exist, its driver is not connected, the claim asks for what can't be made, or the driver refused (`rpc error: code = …`, then a message of the section above).",
            zh: '卷尚未创建：存储类不存在或不创建卷、驱动未连接、申请无法满足，或驱动拒绝。',
          },
          remedy: {
            en: "Do what the message says. It is tried again: after a driver's error 1 s, doubling to 5 min (InvalidArgument: 5 min at once), else every 60 s. A corrected class (deleted and made anew) is tried at once.",
            zh: '按消息处理。驱动出错后 1 秒起加倍至 5 分钟重试（InvalidArgument 直接为 5 分钟），其他情况每 60 秒重试。',
          },
        },
        {
          names: ['ProvisioningCleanupFailed'],
          means: {
            en: "The claim is to go, but a volume may exist for it that can't be deleted now. The finalizer `provisioning.stowage.dev/in-flight` holds the claim, so that no volume is forgotten.",
            zh: '声明要删除，但可能存在的卷暂时无法删除；finalizer `provisioning.stowage.dev/in-flight` 保留声明，以免遗漏卷。',
          },
          remedy: {
            en: 'Start the driver, or make the class again as it was: the rest happens by itself. Only when you have seen that no volume `pvc-UID-of-the-claim` exists, take the finalizer off.',
            zh: '启动驱动，或按原样重建存储类，其余自动完成。确认后端没有卷 `pvc-声明的UID` 之后，才可移除该 finalizer。',
          },
        },
        {
          names: ['VolumeFailedDelete'],
          means: {
            en: "The released volume's data could not be deleted: still in use or attached, its driver is away, or nobody deletes volumes of this kind.",
            zh: '已释放卷的数据无法删除：仍在使用或已挂接、驱动未连接，或无人负责删除此类卷。',
          },
          remedy: {
            en: "As the message says. It is tried again, unless the volume's phase is Failed: then remove the data by hand and delete the PersistentVolume, or set `persistentVolumeReclaimPolicy: Retain`.",
            zh: '按消息处理，会自动重试。若卷的状态为 Failed：手动删除数据和 PersistentVolume，或设置 `persistentVolumeReclaimPolicy: Retain`。',
          },
        },
        {
          names: ['VolumeAttachmentLimitExceeded'],
          means: {
            en: 'The pod was placed on a node to which its driver can attach no more volumes; it is Failed, and the node has told anew how many it takes (CSINode).',
            zh: '容器组被调度到的节点上，驱动已无法再挂接卷；容器组为 Failed，节点已重新报告其可挂接的数量（CSINode）。',
          },
          remedy: {
            en: 'Nothing where a controller makes a new pod, which is placed elsewhere; else make the pod again, or take volumes off the node.',
            zh: '有控制器时无需处理，新的容器组会调度到别处；否则重新创建容器组，或从该节点移走一些卷。',
          },
        },
        {
          names: ['VolumeConditionAbnormal'],
          means: {
            en: "The driver says that a volume is not well: on the claim (`status.healthStatus`), asked each minute, of older drivers each 5 minutes, and of a volume in use on the pod and its claim, each minute (`status.volumeHealth`). Of the platform's own volumes: the disk under the pool is full, the filesystem takes no writes any more after a fault, or the image is missing or cut off.",
            zh: '驱动报告卷不正常：记录在声明上（`status.healthStatus`），每分钟查询一次，较早的驱动每 5 分钟一次；使用中的卷还记录在 Pod 及其声明上，每分钟一次（`status.volumeHealth`）。平台自带的卷：池所在磁盘已满、文件系统出错后不再接受写入，或镜像缺失或被截断。',
          },
          remedy: {
            en: 'As the message says: free space on the disk of the data directory; then stop the pods that use the volume, and start them again.',
            zh: '按消息处理：在数据目录所在磁盘释放空间，然后停止并重新启动使用该卷的 Pod。',
          },
        },
        {
          names: ['VolumeConditionNormal'],
          means: { en: 'A volume that was not well is again.', zh: '曾经不正常的卷已恢复。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['Resizing'],
          means: { en: 'The driver is asked for a larger volume (Normal).', zh: '正在请求驱动扩容（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['FileSystemResizeRequired'],
          means: {
            en: 'The volume has grown; the node grows device and file system next (Normal), at once where a pod runs with it, else when one starts.',
            zh: '卷已扩容，节点接着扩展设备和文件系统（Normal）。',
          },
          remedy: { en: 'Nothing, or start a pod.', zh: '无需处理，或启动一个容器组。' },
        },
        {
          names: ['FileSystemResizeSuccessful'],
          means: { en: 'The node has grown it: the pod has the new size (Normal).', zh: '节点已完成扩容（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeResizeSuccessful'],
          means: { en: 'The volume has its new size, and the node has nothing to do (Normal).', zh: '卷已是新的大小（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeModify'],
          means: {
            en: 'The driver is asked to give the volume the attributes of another VolumeAttributesClass (Normal).',
            zh: '正在请驱动按另一个 VolumeAttributesClass 修改卷的属性（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeModifySuccessful'],
          means: { en: 'The volume has the attributes of the class (Normal).', zh: '卷已具有该类的属性（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeModifyCanceled'],
          means: {
            en: 'The claim went back to the class that its volume has, and nothing had been changed (Normal).',
            zh: '声明改回了卷现有的类，卷未被修改（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeModifyFailed'],
          means: {
            en: "The volume's attributes were not changed: the VolumeAttributesClass is missing or another driver's, the driver is not connected, can't change attributes, or refused. The claim's condition `ModifyVolumeError` keeps the words.",
            zh: '卷的属性没有修改：VolumeAttributesClass 不存在或属于其他驱动，驱动未连接、不支持修改或拒绝。',
          },
          remedy: {
            en: 'As the message says. It is tried again (1 s, doubling to 5 min; what the driver calls impossible each 5 min). To give up, set `spec.volumeAttributesClassName` back.',
            zh: '按消息处理；会自动重试。要放弃，把 `spec.volumeAttributesClassName` 改回去。',
          },
        },
        {
          names: ['RecoveryRefused'],
          means: {
            en: "`stowage recover`, or the console's *Give up the growth*, changed nothing: pods use the claim, or no growth of it is under way.",
            zh: '`stowage recover`（或控制台的“放弃扩容”）没有改变任何内容：容器组仍在使用，或没有进行中的扩容。',
          },
          remedy: { en: 'As the message says: stop the pods, then call it again.', zh: '按消息停止容器组后重试。' },
        },
        {
          names: ['VolumeResizeFailed'],
          means: {
            en: "The volume did not grow: its driver is not connected, can't grow volumes, or refused. The claim's conditions `ControllerResizeError` and `NodeResizeError` keep the words.",
            zh: '卷没有扩容：驱动未连接、不支持扩容或拒绝。',
          },
          remedy: {
            en: 'As the message says. It is tried again (1 s, doubling to 5 min; a size that the driver never makes each 5 min). To give up, lower the request again, to any size above `status.capacity`.',
            zh: '按消息处理；会自动重试。要放弃，把请求降到 `status.capacity` 以上的任意大小。',
          },
        },
        {
          names: ['SuccessfulAttachVolume'],
          means: { en: "The pod's volume is attached to its node (Normal).", zh: '卷已挂接到节点（Normal）。' },
          remedy: { en: 'Nothing; mounting follows.', zh: '无需处理。' },
        },
        {
          names: ['FailedAttachVolume'],
          means: {
            en: "The pod's volume is not attached: its driver refused or is not on the node, or another node has a volume that is for one node at a time (`Multi-Attach error`).",
            zh: '卷没有挂接：驱动拒绝、不在节点上，或被另一节点独占（`Multi-Attach error`）。',
          },
          remedy: {
            en: 'Read the message, and `kubectl describe volumeattachment`. It is tried again (1 s, doubling to 5 min). Where the other node is off for good: `kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`.',
            zh: '查看消息和 `kubectl describe volumeattachment`；会自动重试。另一节点已永久关机时：`kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`。',
          },
        },
      ],
    },
  ],
};
