import type { ReasonSection } from './reason-section.ts';

/** Of what a cluster does by itself. */
export const CLUSTER_REASONS: ReasonSection = {
  title: { en: 'Events of scheduling, binding and namespaces', zh: '调度、绑定与命名空间的事件' },
  tables: [
    {
      rows: [
        {
          names: ['RecyclerPod'],
          means: {
            en: 'A pod (`default/recycler-for-NAME`) empties the volume for the next claim (Normal).',
            zh: '一个容器组（`default/recycler-for-NAME`）正在清空卷，供下一个声明使用（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeRecycled'],
          means: { en: 'The volume is empty and free again (Normal).', zh: '卷已清空，可再次使用（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['VolumeFailedRecycle'],
          means: {
            en: "The volume was not emptied, and its phase is Failed: only NFS and HostPath volumes can be recycled; directories of the system, those that several volumes share and the platform's own are never emptied; or the pod that should do it failed.",
            zh: '卷没有清空，状态为 Failed：只有 NFS 和 HostPath 卷能回收；系统目录、多个卷共用的目录和平台自己的目录从不清空；或清空的容器组失败。',
          },
          remedy: {
            en: 'As the message says. Remove the data by hand and then `spec.claimRef`, or set `persistentVolumeReclaimPolicy: Retain`.',
            zh: '按消息处理。手动删除数据后移除 `spec.claimRef`，或改为 Retain。',
          },
        },
        {
          names: ['PodUsingPVC', 'NoPodsUsingPVC'],
          means: {
            en: "Of the claim's condition `Unused`: a pod that has not ended uses the claim; none does, since the time that the condition tells.",
            zh: '声明的状况 `Unused`：有尚未结束的容器组使用该声明；或自该状况所示时间起不再有容器组使用。',
          },
          remedy: {
            en: 'Nothing. A claim that nobody has used for long may be one to delete.',
            zh: '无需处理。长期无人使用的声明可以考虑删除。',
          },
        },
        {
          names: ['VolumeUnknownReclaimPolicy'],
          means: { en: "The volume's reclaim policy does not exist; its phase is Failed.", zh: '回收策略不存在。' },
          remedy: { en: 'Set `persistentVolumeReclaimPolicy` to Retain or Delete.', zh: '改为 Retain 或 Delete。' },
        },
        {
          names: ['FailedBinding'],
          means: {
            en: "On a pod: the claim of its generic ephemeral volume can't be made, because a claim of that name is somebody else's, or a quota or the class refuses it.",
            zh: '在容器组上：无法创建其通用临时卷的声明：同名声明属于他人，或被配额或存储类拒绝。',
          },
          remedy: {
            en: 'As the message says: delete or rename that claim, or rename the pod. It is looked at again at once when the claim changes, and every 60 s.',
            zh: '按消息处理：删除或重命名该声明，或重命名容器组。声明变化时立即重试，并每 60 秒重试。',
          },
        },
        {
          names: ['Scheduled'],
          means: { en: 'The pod has its node (Normal).', zh: '容器组已分配节点（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['FailedScheduling'],
          means: {
            en: 'No node will do; the message counts the reasons: unbound claims, a missing claim, node selector, taints, a ReadWriteOncePod claim in use.',
            zh: '没有合适的节点，消息逐一列出原因。',
          },
          remedy: {
            en: "Look at the claim that it names (`kubectl describe pvc`). `node(s) were not ready` is followed by the node's own words. `no nodes available`: there is no node yet. It is tried again when something changes, and every 60 s.",
            zh: '检查消息中的声明（`kubectl describe pvc`）或节点；情况变化时及每 60 秒重试。',
          },
        },
        {
          names: ['Preempted'],
          means: {
            en: 'The pod has to leave its node, so that one of higher priority can run there (Normal).',
            zh: '容器组须离开节点，让更高优先级的容器组运行（Normal）。',
          },
          remedy: {
            en: 'Give its pods a PriorityClass of a higher value, or a PodDisruptionBudget.',
            zh: '给它的容器组更高的 PriorityClass，或设置 PodDisruptionBudget。',
          },
        },
        {
          names: ['Unschedulable'],
          means: {
            en: "The pod's condition PodScheduled, with the words of `FailedScheduling`.",
            zh: '容器组的状况 PodScheduled，内容同 `FailedScheduling`。',
          },
          remedy: { en: 'As for `FailedScheduling`.', zh: '同 `FailedScheduling`。' },
        },
        {
          names: ['SchedulingGated'],
          means: { en: 'The pod has `schedulingGates` and waits for their removal.', zh: '容器组有 `schedulingGates`。' },
          remedy: { en: 'Remove the gates, or wait for whoever set them.', zh: '移除它们，或等待设置者移除。' },
        },
        {
          names: ['ContentDeleted', 'ContentRemoved', 'ContentHasNoFinalizers'],
          means: {
            en: 'Conditions of a namespace that ends: this much of it is gone.',
            zh: '正在删除的命名空间的状况：这一部分已经清除。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['ContentDeletionFailed'],
          means: {
            en: 'Condition of a namespace that ends: some of what is in it could not be deleted.',
            zh: '正在删除的命名空间的状况：其中一些对象无法删除。',
          },
          remedy: { en: 'The message says which and why.', zh: '消息说明是哪些以及原因。' },
        },
        {
          names: ['SomeResourcesRemain', 'SomeFinalizersRemain'],
          means: {
            en: 'Conditions of a namespace that ends: it waits for these objects, or for these finalizers.',
            zh: '正在删除的命名空间的状况：正在等待这些对象或 finalizer。',
          },
          remedy: {
            en: 'Wait, or look after what holds the objects; the message counts them.',
            zh: '等待，或处理占用这些对象的东西；消息中有数量。',
          },
        },
      ],
    },
    {
      intro: { en: "Binding says, with upstream's reasons:", zh: '绑定使用与 Kubernetes 相同的原因：' },
      at: { en: 'on', zh: '对象' },
      rows: [
        {
          names: ['ExternalProvisioning'],
          at: 'claim',
          means: { en: 'A driver was asked for a volume (Normal).', zh: '已请求驱动创建卷（Normal）。' },
          remedy: { en: 'Nothing; if it stays, see whether that driver runs.', zh: '无需处理；若持续出现，检查该驱动是否运行。' },
        },
        {
          names: ['WaitForFirstConsumer'],
          at: 'claim',
          means: { en: 'The class waits for a pod (Normal).', zh: '存储类等待容器组（Normal）。' },
          remedy: { en: 'Make a pod that uses the claim.', zh: '创建使用该声明的容器组。' },
        },
        {
          names: ['WaitForPodScheduled'],
          at: 'claim',
          means: { en: 'The pod is there and waits for a node (Normal).', zh: '容器组在等待节点（Normal）。' },
          remedy: { en: '`kubectl describe pod` says why.', zh: '`kubectl describe pod` 说明原因。' },
        },
        {
          names: ['FailedBinding'],
          at: 'claim',
          means: {
            en: 'No class and no volume that fits; or the volume that the claim names belongs to another.',
            zh: '没有存储类也没有合适的卷，或指定的卷属于其他声明。',
          },
          remedy: {
            en: 'Name a class, make a default class, make a PersistentVolume that fits, or name another volume.',
            zh: '指定存储类、设置默认存储类、创建合适的 PersistentVolume，或指定其他卷。',
          },
        },
        {
          names: ['ProvisioningFailed'],
          at: 'claim',
          means: {
            en: 'The class does not exist, or makes no volumes (`kubernetes.io/no-provisioner`).',
            zh: '卷尚未创建：存储类不存在或不创建卷、驱动未连接、申请无法满足，或驱动拒绝。',
          },
          remedy: {
            en: 'Make the class, or the claim again with an existing one; or make a PersistentVolume.',
            zh: '按消息处理。驱动出错后 1 秒起加倍至 5 分钟重试（InvalidArgument 直接为 5 分钟），其他情况每 60 秒重试。',
          },
        },
        {
          names: ['VolumeMismatch'],
          at: 'claim, volume',
          means: {
            en: 'The volume that the claim names (or that is reserved for it) is too small, or differs in class, access modes or volume mode.',
            zh: '指定的卷过小，或存储类、访问模式、卷模式不符。',
          },
          remedy: { en: 'Correct the one that is wrong; the message says which field.', zh: '按消息修正相应字段。' },
        },
        {
          names: ['ClaimLost'],
          at: 'claim',
          means: { en: "The bound claim's volume is gone.", zh: '已绑定声明的卷不存在了，数据随之丢失。' },
          remedy: { en: 'The data are gone with it: delete the claim.', zh: '删除该声明。' },
        },
        {
          names: ['ClaimMisbound'],
          at: 'claim',
          means: { en: 'Its volume is bound to another claim.', zh: '其卷绑定到另一个声明。' },
          remedy: { en: 'Delete this claim; the other one keeps the volume.', zh: '删除此声明，另一个声明保留该卷。' },
        },
      ],
    },
  ],
};
