import type { ReasonSection } from './reason-section.ts';

/** Of the node agent. */
export const NODE_REASONS: ReasonSection = {
  title: { en: 'Events and conditions of the node', zh: '节点的事件与状况' },
  tables: [
    {
      rows: [
        {
          names: ['Pulling'],
          means: { en: 'The image is being fetched from its registry (Normal).', zh: '正在从仓库获取镜像（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['Pulled'],
          means: { en: 'The image is on the node (Normal).', zh: '镜像已在节点上（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['Created'],
          means: { en: 'The container is made (Normal).', zh: '容器已创建（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['Started'],
          means: { en: 'The container runs (Normal).', zh: '容器已运行（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['Killing'],
          means: { en: 'The container is asked to end (Normal).', zh: '要求容器结束（Normal）；超过宽限期（默认 30 秒）后强制结束。' },
          remedy: { en: 'Nothing. After the grace period (30 s unless the pod says otherwise) it is killed.', zh: '无需处理。' },
        },
        {
          names: ['BackOff'],
          means: {
            en: 'The container ended and is restarted after a pause: 10 s, doubling to 5 min.',
            zh: '容器退出，暂停后重启：10 秒起，加倍至 5 分钟。',
          },
          remedy: { en: '`kubectl logs --previous` shows why it ended.', zh: '`kubectl logs --previous` 说明退出原因。' },
        },
        {
          names: ['Failed'],
          means: { en: 'The container could not be started; the words of its error follow.', zh: '容器无法启动，错误内容附在后面。' },
          remedy: { en: "As the message says; the container's reason is one of those below.", zh: '按消息处理。' },
        },
        {
          names: ['FailedMount'],
          means: {
            en: "A volume of the pod can't be made ready: a claim that is missing, unbound or not attached, a missing ConfigMap, Secret or key, a host path of another kind, a driver that is away or refuses.",
            zh: '容器组的卷无法就绪：声明不存在、未绑定，ConfigMap、Secret 或键不存在，主机路径类型不符，驱动未连接或拒绝。',
          },
          remedy: {
            en: 'As the message says. It is tried again (0.5 s, doubling to 2 min).',
            zh: '按消息处理；会自动重试（0.5 秒起，加倍至 2 分钟）。',
          },
        },
        {
          names: ['FailedCreatePodSandBox'],
          means: { en: "The pod's network namespace or files can't be made.", zh: '无法创建容器组的网络命名空间或文件。' },
          remedy: {
            en: 'Read the words that follow; the disk may be full. It is tried again.',
            zh: '阅读后面的内容，磁盘可能已满；会自动重试。',
          },
        },
        {
          names: ['FailedKillPod'],
          means: {
            en: "What the pod had can't be taken away yet, mostly a mount that is in use.",
            zh: '容器组占用的资源暂时无法清除，多为挂载点仍被使用。',
          },
          remedy: {
            en: '`fuser -m PATH` shows who holds it. It is tried again; the pod stays Terminating until then.',
            zh: '`fuser -m PATH` 显示占用者；会自动重试。',
          },
        },
        {
          names: ['PodDirBusy'],
          means: {
            en: 'Something is still mounted in the directory of a deleted pod; nothing is deleted through a mount.',
            zh: '已删除容器组的目录中仍有挂载点。',
          },
          remedy: {
            en: 'Unmount what the message names if no pod does; it is tried again.',
            zh: '若没有容器组使用，卸载消息中的路径；会自动重试。',
          },
        },
        {
          names: ['NodeNotReady'],
          means: {
            en: "On a pod that waits: its node can't run pods; the message says why. On a node, and on the pods there: the node does not answer any more, or says that it does not work.",
            zh: '在等待的容器组上：其节点无法运行容器组，消息说明原因。在节点及其容器组上：节点不再应答，或自称不可用。',
          },
          remedy: {
            en: '`kubectl describe node`. A node that is a process of its own is started again by itself; pods stay for five minutes, then they are `Terminating` until it is back.',
            zh: '`kubectl describe node`。独立进程的节点会自动重新启动；容器组保留五分钟，之后处于 `Terminating`，直到节点恢复。',
          },
        },
        {
          names: ['NodeStatusUnknown'],
          means: { en: "The node's conditions: it is silent for longer than its lease holds.", zh: '节点的状况：沉默时间超过其租约。' },
          remedy: {
            en: 'As for `NodeNotReady`. Where it is off for good: `kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`, and its pods and volumes move at once.',
            zh: '同 `NodeNotReady`。节点永久关机时：`kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`，其容器组和卷立即迁走。',
          },
        },
        {
          names: ['TaintManagerEviction'],
          means: {
            en: 'The pod does not bear a `NoExecute` taint of its node, or not any longer, and is deleted (Normal).',
            zh: '容器组不容忍（或不再容忍）节点的 `NoExecute` 污点，因此被删除（Normal）。',
          },
          remedy: { en: 'Nothing, or give the pod a toleration.', zh: '无需操作，或为容器组添加容忍度。' },
        },
        {
          names: ['DeletionByTaintManager'],
          means: {
            en: "The same, as the reason of the pod's condition `DisruptionTarget`.",
            zh: '同上，作为容器组状况 `DisruptionTarget` 的原因。',
          },
          remedy: { en: 'Nothing.', zh: '无需操作。' },
        },
        {
          names: ['DeletionByPodGC'],
          means: {
            en: "The pod's condition `DisruptionTarget`: its node is gone or out of service, and the pod is deleted by force.",
            zh: '容器组的状况 `DisruptionTarget`：其节点已不存在或停止服务，容器组被强制删除。',
          },
          remedy: { en: 'Nothing; its controller makes another one.', zh: '无需操作；其控制器会创建新的。' },
        },
        {
          names: ['KubeletReady'],
          means: { en: 'Condition Ready of the node: it takes pods.', zh: '节点可以运行容器组。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['EvictionThresholdMet'],
          means: {
            en: 'Memory, disk, inodes or process numbers of the node are below `--eviction-hard`; the node takes no pods, and ends the one that takes most beyond its request.',
            zh: '节点的内存、磁盘、inode 或进程号低于 `--eviction-hard`：节点不再接收容器组，并结束超出申请最多的容器组。',
          },
          remedy: { en: "Free some; a pod's requests keep it from being the first.", zh: '释放资源；设置申请可避免最先被结束。' },
        },
        {
          names: ['EvictionByEvictionAPI'],
          means: {
            en: 'Condition DisruptionTarget of a pod: somebody evicted it (`kubectl drain`).',
            zh: '容器组状况 DisruptionTarget：有人驱逐了它（`kubectl drain`）。',
          },
          remedy: { en: 'Nothing; who made it makes another.', zh: '无需处理，其控制器会重新创建。' },
        },
        {
          names: ['TerminationByKubelet'],
          means: {
            en: 'Condition DisruptionTarget of a pod: its node ended it because something ran short.',
            zh: '容器组状况 DisruptionTarget：节点因资源不足结束了它。',
          },
          remedy: { en: 'Nothing; who made it makes another.', zh: '无需处理，其控制器会重新创建。' },
        },
        {
          names: ['KubeletHasInsufficientMemory'],
          means: { en: 'Condition MemoryPressure of the node.', zh: '节点状况 MemoryPressure。' },
          remedy: { en: 'As `EvictionThresholdMet`.', zh: '同 `EvictionThresholdMet`。' },
        },
        {
          names: ['KubeletHasSufficientMemory'],
          means: { en: 'Condition MemoryPressure of the node: there is enough.', zh: '节点状况 MemoryPressure：内存足够。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['KubeletHasDiskPressure'],
          means: { en: 'Condition DiskPressure of the node.', zh: '节点状况 DiskPressure。' },
          remedy: { en: 'As `EvictionThresholdMet`.', zh: '同 `EvictionThresholdMet`。' },
        },
        {
          names: ['KubeletHasNoDiskPressure'],
          means: { en: 'Condition DiskPressure of the node: there is enough.', zh: '节点状况 DiskPressure：磁盘足够。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['KubeletHasInsufficientPID'],
          means: { en: 'Condition PIDPressure of the node.', zh: '节点状况 PIDPressure。' },
          remedy: { en: 'As `EvictionThresholdMet`.', zh: '同 `EvictionThresholdMet`。' },
        },
        {
          names: ['KubeletHasSufficientPID'],
          means: { en: 'Condition PIDPressure of the node: there is enough.', zh: '节点状况 PIDPressure：进程号足够。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['ShareProcessNamespaceNotSupported'],
          means: {
            en: '`shareProcessNamespace` is not in effect: each container has a process namespace of its own.',
            zh: '`shareProcessNamespace` 不生效：每个容器有自己的进程命名空间。',
          },
          remedy: { en: 'Leave it out.', zh: '去掉该字段。' },
        },
        {
          names: ['RuntimeMissing'],
          means: {
            en: "The pod's RuntimeClass names a handler that this node does not have.",
            zh: '容器组的 RuntimeClass 所指的处理程序在此节点上不存在。',
          },
          remedy: { en: 'A class with the handler `runc`, or none.', zh: '使用处理程序为 `runc` 的类，或不写。' },
        },
        {
          names: ['HostPortNotSupported'],
          means: {
            en: 'A container names a `hostPort` and the pod has a network of its own: the port is kept free of other pods, but nothing listens there.',
            zh: '容器写了 `hostPort`，而容器组有自己的网络：端口对其他容器组保留，但没有程序在节点上监听。',
          },
          remedy: { en: 'Reach the pod at its own address, or use `hostNetwork`.', zh: '通过容器组自己的地址访问，或使用 `hostNetwork`。' },
        },
        {
          names: ['HostnameTooLong'],
          means: {
            en: '`setHostnameAsFQDN` asks for a full name of more than 64 characters.',
            zh: '`setHostnameAsFQDN` 要求的全名超过 64 个字符。',
          },
          remedy: {
            en: 'A shorter pod name, `hostname`, `subdomain` or namespace.',
            zh: '缩短容器组名、`hostname`、`subdomain` 或命名空间。',
          },
        },
        {
          names: ['UserNamespaceMissing'],
          means: {
            en: '`hostUsers: false`, and this node gives pods no user namespaces.',
            zh: '`hostUsers: false`，而此节点不提供用户命名空间。',
          },
          remedy: { en: 'Leave `hostUsers` out.', zh: '去掉 `hostUsers`。' },
        },
        {
          names: ['SELinuxNotSupported'],
          means: { en: '`seLinuxOptions` are not in effect on this node.', zh: '`seLinuxOptions` 在此节点上不生效。' },
          remedy: { en: 'Leave them out.', zh: '去掉该字段。' },
        },
        {
          names: ['PodResourcesNotSupported'],
          means: {
            en: '`spec.resources` of the pod as a whole are not in effect on this node.',
            zh: '整个容器组的 `spec.resources` 在此节点上不生效。',
          },
          remedy: { en: 'Set `resources` of its containers.', zh: '为各容器设置 `resources`。' },
        },
        {
          names: ['ResourceClaimsNotSupported'],
          means: {
            en: '`spec.resourceClaims` are not in effect: this node has no devices to allocate.',
            zh: '`spec.resourceClaims` 不生效：此节点没有可分配的设备。',
          },
          remedy: { en: 'Leave them out.', zh: '去掉该字段。' },
        },
        {
          names: ['CreateContainerError'],
          means: {
            en: "A container can't be made as it is described: a seccomp or AppArmor profile that this node does not have, a mount that is to reach the host from a place that is not shared.",
            zh: '容器无法按描述创建：节点没有所需的 seccomp 或 AppArmor 配置，或要传播到主机的挂载位于未共享的位置。',
          },
          remedy: { en: 'As the message says.', zh: '按消息处理。' },
        },
        {
          names: ['SysctlForbidden'],
          means: {
            en: "The pod asks for a kernel setting that is not in the safe set, or is the host's. The pod fails.",
            zh: '容器组要求的内核参数不在安全集合内，或属于主机。容器组失败。',
          },
          remedy: { en: 'Leave the setting out.', zh: '去掉该参数。' },
        },
        {
          names: ['PodOSNotSupported'],
          means: { en: 'The pod is for another operating system. The pod fails.', zh: '容器组属于另一种操作系统。容器组失败。' },
          remedy: { en: '`spec.os.name: linux`, or none.', zh: '使用 `spec.os.name: linux` 或不写。' },
        },
        {
          names: ['NodePorts'],
          means: {
            en: 'The pod was given to a node where a port that it wants of the node is taken. The pod fails; who made it makes another.',
            zh: '容器组所在节点上它要求的端口已被占用。容器组失败，其控制器会重新创建。',
          },
          remedy: { en: 'Another port, or let the scheduler choose the node.', zh: '换端口，或由调度器选择节点。' },
        },
        {
          names: ['AppArmor'],
          means: {
            en: 'The pod wants an AppArmor profile, and the machine has no AppArmor. The pod fails.',
            zh: '容器组要求 AppArmor 配置，而机器没有 AppArmor。容器组失败。',
          },
          remedy: {
            en: 'Leave `appArmorProfile` out, or enable AppArmor on the machine.',
            zh: '去掉 `appArmorProfile`，或在机器上启用 AppArmor。',
          },
        },
        {
          names: ['PoolAvailable'],
          means: { en: 'Condition PoolUnavailable of the node: volumes are where they were.', zh: '节点状况 PoolUnavailable：卷在原处。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['NotPrivileged'],
          means: {
            en: 'Pods need root (mounts, namespaces), and the platform was started by an ordinary user.',
            zh: '运行容器组需要 root。',
          },
          remedy: {
            en: 'Start it as root. API, console and directory volumes work without.',
            zh: '以 root 启动；API、控制台和目录卷不需要。',
          },
        },
        {
          names: ['ContainerRuntimeMissing'],
          means: { en: '`runc`, `busybox`, `ip` or `mount` is not installed.', zh: '缺少 `runc`、`busybox`、`ip` 或 `mount`。' },
          remedy: {
            en: 'The `apt-get install` that the message has; then start again.',
            zh: '执行消息中的 `apt-get install`，然后重新启动。',
          },
        },
        {
          names: ['ErrImagePull'],
          means: {
            en: "The image can't be had; the message has the registry's own words, or the program that is missing. From the second try on the container shows `ImagePullBackOff`.",
            zh: '无法取得镜像，消息中有仓库的原话或缺少的程序。第二次起显示 `ImagePullBackOff`。',
          },
          remedy: {
            en: 'Correct the name; `apt-get install skopeo umoci`; or bring it from an archive: `stowage image load FILE --name IMAGE`. `image: busybox` always works. It is tried again.',
            zh: '修正名称，安装 `skopeo` 和 `umoci`，或用 `stowage image load FILE --name IMAGE` 导入；`image: busybox` 始终可用。会自动重试。',
          },
        },
        {
          names: ['ErrImageNeverPull'],
          means: {
            en: 'The image is not on the node, and `imagePullPolicy` is Never.',
            zh: '节点没有该镜像，且 `imagePullPolicy` 为 Never。',
          },
          remedy: { en: 'Load it, or change the policy.', zh: '导入镜像，或修改策略。' },
        },
        {
          names: ['CreateContainerConfigError'],
          means: {
            en: "The container can't be started as it is described: a missing ConfigMap, Secret or key, an unknown field of the downward API, a capability that the node does not have, a block volume in `volumeMounts`.",
            zh: '容器的描述无法满足：ConfigMap、Secret 或键不存在，未知字段，节点没有的能力，块设备卷写在 `volumeMounts` 中。',
          },
          remedy: {
            en: 'As the message says. It is tried again (10 s, doubling to 5 min), so a missing object may be made later.',
            zh: '按消息处理；会自动重试（10 秒起，加倍至 5 分钟）。',
          },
        },
        {
          names: ['Evicted'],
          means: {
            en: 'The pod took more scratch space than the `sizeLimit` of its emptyDir volume; it is Failed, and its containers were ended.',
            zh: '容器组超出了 emptyDir 的 `sizeLimit`，已结束。',
          },
          remedy: { en: 'Write less, or raise `sizeLimit`; a controller makes a new pod by itself.', zh: '少写一些，或提高 `sizeLimit`。' },
        },
        {
          names: ['ContainerCreating'],
          means: { en: "The container waits for the pod's volumes; the message says for which.", zh: '容器在等待卷，消息说明是哪一个。' },
          remedy: { en: 'Nothing for a few seconds; then as for `FailedMount`.', zh: '稍候几秒；之后同 `FailedMount`。' },
        },
        {
          names: ['StartError'],
          means: {
            en: 'The command could not be started, for example because the image does not have it. Exit code 128.',
            zh: '命令无法启动，例如镜像中没有该命令；退出码 128。',
          },
          remedy: { en: "Correct `command` or `args`; the message has runc's words.", zh: '修正 `command` 或 `args`。' },
        },
        {
          names: ['ContainerStatusUnknown'],
          means: {
            en: 'The container ended while nobody watched: killed from outside, or the machine restarted. Exit code 137.',
            zh: '容器在无人监视时结束（被外部终止或机器重启）；退出码 137。',
          },
          remedy: { en: 'Nothing; it is restarted as its policy says.', zh: '无需处理，按重启策略重启。' },
        },
        {
          names: ['Unhealthy'],
          means: {
            en: 'A probe of a container failed; the message has what it met. A liveness or startup probe that fails as often as its `failureThreshold` has the container restarted, a readiness probe takes `Ready` from the pod.',
            zh: '容器的探针失败，消息说明所遇情况。存活与启动探针失败次数达到 `failureThreshold` 时容器被重启；就绪探针失败时容器组失去 `Ready`。',
          },
          remedy: {
            en: 'Mend the program, or give it more time (`initialDelaySeconds`, `timeoutSeconds`, a startup probe).',
            zh: '修正程序，或给它更多时间（`initialDelaySeconds`、`timeoutSeconds`、启动探针）。',
          },
        },
        {
          names: ['PortUnknown'],
          means: { en: 'A probe or hook names a port that its container does not have.', zh: '探针或钩子引用了容器没有的端口名。' },
          remedy: { en: 'Name one of `ports`, or use a number.', zh: '使用 `ports` 中的名称或数字。' },
        },
        {
          names: ['ReadinessGatesNotReady'],
          means: {
            en: 'Condition Ready: the containers are ready, but a condition that the pod names in `readinessGates` is not True.',
            zh: '容器已就绪，但 `readinessGates` 中的条件不为 True。',
          },
          remedy: { en: 'Whoever owns that condition has to set it.', zh: '由该条件的所有者设置。' },
        },
        {
          names: ['FailedPostStartHook'],
          means: {
            en: "The hook after a start failed: the container is ended, and restarted as its policy says. What the hook said is in the node's log, not here, since it may hold secrets.",
            zh: '启动后的钩子失败，容器被结束并按策略重启；其输出可能含机密，只写入节点日志。',
          },
          remedy: { en: 'Try the hook with `kubectl exec`.', zh: '用 `kubectl exec` 试运行钩子。' },
        },
        {
          names: ['FailedPreStopHook'],
          means: { en: 'The hook before an end failed; the container is ended all the same.', zh: '结束前的钩子失败，容器仍会结束。' },
          remedy: { en: 'Try the hook with `kubectl exec`.', zh: '用 `kubectl exec` 试运行钩子。' },
        },
        {
          names: ['PodAddressesExhausted'],
          means: { en: "Every address of the node's block is used by a pod.", zh: '节点地址段中的地址已全部被容器组占用。' },
          remedy: { en: 'Delete pods, or start with more `--nodes`.', zh: '删除容器组，或以更多 `--nodes` 启动。' },
        },
        {
          names: ['ContainersNotInitialized'],
          means: { en: 'Condition Initialized: init containers have not succeeded yet.', zh: '初始化容器尚未成功。' },
          remedy: { en: '`kubectl logs POD -c INIT-CONTAINER`.', zh: '`kubectl logs POD -c INIT-CONTAINER`。' },
        },
        {
          names: ['ContainersNotReady'],
          means: {
            en: 'Conditions Ready and ContainersReady: the containers that the message names do not run.',
            zh: '消息中的容器没有运行。',
          },
          remedy: { en: "`kubectl describe pod` shows each one's state.", zh: '`kubectl describe pod` 显示各容器的状态。' },
        },
        {
          names: ['PodCompleted'],
          means: { en: 'Every container ended with success.', zh: '所有容器成功结束。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['PodFailed'],
          means: { en: 'The pod is over, and a container failed.', zh: '容器组已结束，且有容器失败。' },
          remedy: { en: '`kubectl logs`; make the pod again.', zh: '`kubectl logs`；重新创建容器组。' },
        },
        {
          names: ['PodStillRunning'],
          means: {
            en: 'In the log: a container did not end in time while the platform stopped, and was left.',
            zh: '平台停止时容器没有按时结束（仅在日志中）。',
          },
          remedy: { en: 'Nothing: the next start takes it over.', zh: '无需处理，下次启动时接管。' },
        },
        {
          names: ['PlatformStopped'],
          means: {
            en: 'The container ended because the platform was stopped; it counts as no restart.',
            zh: '容器随平台停止而结束，不计为重启。',
          },
          remedy: { en: 'Start the platform: the pod runs again by itself.', zh: '启动平台后容器组会自行恢复运行。' },
        },
        {
          names: ['UnsafeName'],
          means: {
            en: "A name can't become a file name. The API refuses such names, so this is a fault of Stowage.",
            zh: '名称不能作为文件名。API 会拒绝这样的名称，因此是 Stowage 自身的故障。',
          },
          remedy: { en: 'Please report it.', zh: '请报告。' },
        },
        {
          names: ['CrashLoopBackOff'],
          means: {
            en: 'The container ended again and again; the node waits (10 s, doubling to 5 min) before it runs it once more.',
            zh: '容器反复退出，节点等待（10 秒起，加倍至 5 分钟）后再次运行。',
          },
          remedy: {
            en: '`kubectl logs POD --previous` shows what it said last; mend the command or its data.',
            zh: '`kubectl logs POD --previous` 显示最后的输出；修正命令或数据。',
          },
        },
        {
          names: ['OOMKilled', 'Error'],
          means: {
            en: 'How a container ended (`status.containerStatuses`): by the kernel, because it took more memory than it may; or with another code than 0.',
            zh: '容器如何结束（`status.containerStatuses`）：因内存超限被内核终止；或退出码不是 0。',
          },
          remedy: {
            en: 'Give it more memory; or look at its logs: `kubectl logs POD -c CONTAINER --previous`.',
            zh: '给它更多内存；或查看日志：`kubectl logs POD -c CONTAINER --previous`。',
          },
        },
      ],
    },
  ],
  outro: {
    en: "A node also accepts fields that it does not act on, and says so once per pod (`ShareProcessNamespaceNotSupported` and the others above). States of containers besides those above are upstream's: `Completed`, `Error`, `OOMKilled`, `CrashLoopBackOff`, `ImagePullBackOff`, `PodInitializing`.",
    zh: '节点也接受但不执行某些字段，并对每个容器组说明一次（`ShareProcessNamespaceNotSupported` 及上表中的其他原因）。除上述之外，容器的状态与 Kubernetes 相同：`Completed`、`Error`、`OOMKilled`、`CrashLoopBackOff`、`ImagePullBackOff`、`PodInitializing`。',
  },
};
