import type { ReasonSection } from './reason-section.ts';

/** Of answers of the API. */
export const API_REASONS: ReasonSection = {
  title: { en: 'API', zh: 'API' },
  tables: [
    {
      intro: {
        en: 'Reasons that `kubectl` shows as `Error from server (Reason): …`.',
        zh: '`kubectl` 显示为 `Error from server (Reason): …` 的原因。',
      },
      rows: [
        {
          names: ['BadRequest'],
          means: {
            en: "The request can't be read: no body, broken JSON or YAML, an unknown option, a body of another kind or namespace than the path.",
            zh: '请求无法读取：没有正文、JSON 或 YAML 有误、选项未知，或正文与路径的类型、命名空间不符。',
          },
          remedy: { en: 'Correct what the message names.', zh: '修正消息指出的内容。' },
        },
        {
          names: ['Unauthorized'],
          means: { en: 'No credentials, or ones that the server does not know.', zh: '没有凭据，或服务器不认识该凭据。' },
          remedy: {
            en: 'Use `DATA-DIR/kubeconfig` or the token in `DATA-DIR/admin.token`. After a new CA take the kubeconfig anew.',
            zh: '使用 `DATA-DIR/kubeconfig` 或 `DATA-DIR/admin.token` 中的令牌。',
          },
        },
        {
          names: ['Forbidden'],
          means: { en: 'This user may not do this, or the object may not be made there.', zh: '该用户无权执行，或对象不能在此创建。' },
          remedy: {
            en: "Use an administrator's kubeconfig; the message names user, verb and resource.",
            zh: '使用管理员的 kubeconfig；消息给出用户、操作和资源。',
          },
        },
        {
          names: ['NamespaceTerminating'],
          means: { en: 'The namespace is going away and takes nothing new.', zh: '命名空间正在删除，不再接受新对象。' },
          remedy: {
            en: 'Wait until it is gone (`kubectl get ns -w`) and make it again, or use another one. `kubectl get ns NAME -o yaml` says what it still waits for.',
            zh: '等它消失后重新创建，或使用其他命名空间；`kubectl get ns NAME -o yaml` 说明还在等待什么。',
          },
        },
        {
          names: ['NotFound'],
          means: { en: 'There is no such object, or no such path or resource.', zh: '没有该对象，或没有该路径、资源。' },
          remedy: {
            en: 'Check name and namespace (`kubectl get KIND -A`); `kubectl api-resources` lists what is served.',
            zh: '检查名称和命名空间；`kubectl api-resources` 列出可用资源。',
          },
        },
        {
          names: ['AlreadyExists'],
          means: { en: 'The name is taken.', zh: '名称已被使用。' },
          remedy: {
            en: 'Another name, `kubectl apply` to change the existing object, or delete it first.',
            zh: '换一个名称，用 `kubectl apply` 修改现有对象，或先删除它。',
          },
        },
        {
          names: ['Conflict'],
          means: {
            en: 'Somebody else changed the object since it was read, or it is another object of that name (UID).',
            zh: '读取之后对象已被他人修改，或同名对象已是另一个（UID 不同）。',
          },
          remedy: { en: 'Read it again and repeat the change; controllers do so by themselves.', zh: '重新读取并再次修改。' },
        },
        {
          names: ['Invalid'],
          means: {
            en: 'Fields have wrong values; each is listed with its path, its value and what is allowed.',
            zh: '字段的值有误；逐一列出路径、值和允许的内容。',
          },
          remedy: {
            en: 'Correct these fields. What may not change after creation: make a new object.',
            zh: '修正这些字段；创建后不能修改的，请新建对象。',
          },
        },
        {
          names: ['MethodNotAllowed'],
          means: { en: 'The resource does not have this verb.', zh: '该资源不支持此操作。' },
          remedy: { en: 'Use a verb that `kubectl api-resources -o wide` shows.', zh: '使用 `kubectl api-resources -o wide` 列出的操作。' },
        },
        {
          names: ['NotAcceptable'],
          means: { en: 'The client asks for an answer in a form that is not served.', zh: '客户端要求的返回格式不受支持。' },
          remedy: { en: 'Ask for JSON or YAML (`Accept: application/json`).', zh: '要求 JSON 或 YAML。' },
        },
        {
          names: ['UnsupportedMediaType'],
          means: { en: "The body's type is not understood.", zh: '正文格式不受支持。' },
          remedy: { en: 'Send JSON or YAML, or Kubernetes protobuf for objects.', zh: '发送 JSON 或 YAML，或 Kubernetes protobuf。' },
        },
        {
          names: ['FieldManagerConflict'],
          means: {
            en: 'Server-side apply: another manager owns fields that this one wants to set; the causes name manager and field.',
            zh: '服务端应用：字段属于另一个管理者，原因中有其名称和字段。',
          },
          remedy: {
            en: 'Leave these fields out, set them to the same values, or take them over (`kubectl apply --server-side --force-conflicts`).',
            zh: '去掉这些字段，使用相同的值，或用 `--force-conflicts` 接管。',
          },
        },
        {
          names: ['DisruptionBudget'],
          means: {
            en: 'An eviction would leave fewer pods running than a PodDisruptionBudget allows; the cause names the budget.',
            zh: '驱逐会使容器组少于 PodDisruptionBudget 允许的数量。',
          },
          remedy: { en: 'Try again when more pods are ready, or change the budget.', zh: '等更多容器组就绪，或修改预算。' },
        },
        {
          names: ['RequestEntityTooLarge'],
          means: { en: 'The body has more than 3 MiB.', zh: '正文超过 3 MiB。' },
          remedy: { en: 'Send less; keep large data on a volume and not in a ConfigMap or Secret.', zh: '减小内容；大量数据应放在卷上。' },
        },
        {
          names: ['PatchMalformed'],
          means: { en: 'The patch is no patch of its type.', zh: '补丁不符合其类型。' },
          remedy: {
            en: 'Correct it: a JSON patch is a list of operations, the others are objects.',
            zh: 'JSON 补丁是操作列表，其他补丁是对象。',
          },
        },
        {
          names: ['PatchRejected'],
          means: {
            en: 'The patch does not fit the object: a path that is not there, or a `test` that fails.',
            zh: '补丁与对象不符：路径不存在，或 `test` 失败。',
          },
          remedy: { en: 'Read the object and make the patch for what it is now.', zh: '按对象的当前状态重新生成补丁。' },
        },
        {
          names: ['ProtobufMalformed'],
          means: { en: "A protobuf body can't be decoded.", zh: 'protobuf 正文无法解码。' },
          remedy: { en: 'Send JSON, or a client of Kubernetes 1.30 or newer.', zh: '改用 JSON，或使用 Kubernetes 1.30 及以上的客户端。' },
        },
        {
          names: ['Expired'],
          means: {
            en: 'The version or the page is older than the changes that are kept (at least 10,000 changes; beyond them 5 minutes, at most 100,000 changes or 64 MiB).',
            zh: '版本或分页早于所保留的变更。',
          },
          remedy: {
            en: 'List again without resourceVersion and continue token, then watch from there; clients do so by themselves.',
            zh: '不带 resourceVersion 和 continue 重新列出，再从那里监视。',
          },
        },
        {
          names: ['ResourceVersionTooLarge'],
          means: {
            en: 'A list asks for a version that does not exist yet, as after restoring older data.',
            zh: '请求的版本尚不存在，例如恢复了较旧的数据之后。',
          },
          remedy: { en: 'List again without resourceVersion.', zh: '不带 resourceVersion 重新列出。' },
        },
        {
          names: ['Timeout'],
          means: { en: 'The answer was not there in time; the causes say why.', zh: '未能按时返回，causes 说明原因。' },
          remedy: { en: 'Try again after the seconds that the answer names.', zh: '按返回的秒数等待后重试。' },
        },
        {
          names: ['WebhookFailed'],
          means: {
            en: 'An admission webhook did not answer, or not as it must; the message has its name, its URL and why. It is told as `InternalError`.',
            zh: '准入 webhook 没有回答，或回答不合规则；消息里有它的名字、URL 和原因。对外显示为 `InternalError`。',
          },
          remedy: {
            en: 'Look at the webhook; `failurePolicy: Ignore` in its configuration lets writes pass without it, and the configuration can always be deleted.',
            zh: '检查该 webhook；配置里 `failurePolicy: Ignore` 可在没有它时放行，配置本身总能删除。',
          },
        },
        {
          names: ['TooManyRequests'],
          means: {
            en: 'This user has more requests on their way than the server takes; those of others go on.',
            zh: '该用户同时发出的请求超过服务器接受的数量；其他用户不受影响。',
          },
          remedy: {
            en: 'Clients try again after the seconds that the answer names; send fewer at a time.',
            zh: '客户端会在回答所给的秒数之后重试；请减少并发。',
          },
        },
        {
          names: ['NoPodLogs'],
          means: {
            en: 'No node works on this server yet, so nobody has pod logs.',
            zh: '该服务器上还没有工作的节点，因此没有容器组日志。',
          },
          remedy: {
            en: 'Wait until the platform has said `ready`; `npm start` brings a node.',
            zh: '等到平台输出 `ready`；`npm start` 自带一个节点。',
          },
        },
        {
          names: ['NodeNotRun'],
          means: {
            en: 'The pod is on a node that this platform does not run now: it was started with fewer `--nodes` than before.',
            zh: '容器组所在的节点目前没有运行：这次启动的 `--nodes` 比以前少。',
          },
          remedy: {
            en: 'Start it with as many as before, or delete the Node object for good: `kubectl delete node NODE`.',
            zh: '用以前的数量启动，或永久删除节点对象：`kubectl delete node NODE`。',
          },
        },
        {
          names: ['NodeUnreachable'],
          means: {
            en: 'The process of a node does not answer, so nothing can be reached in its pods.',
            zh: '节点的进程没有应答，因此无法访问其容器组。',
          },
          remedy: {
            en: '`kubectl get nodes`; it is started again by itself. `DATA-DIR/logs/NODE.log` says why it ended.',
            zh: '`kubectl get nodes`；它会自动重新启动。原因见 `DATA-DIR/logs/NODE.log`。',
          },
        },
        {
          names: ['FrameInvalid'],
          means: { en: "What a node's process says over its socket is not understood.", zh: '节点进程通过套接字发送的内容无法识别。' },
          remedy: { en: 'A fault of the platform: report it, with the logs.', zh: '平台自身的故障：请附日志报告。' },
        },
        {
          names: ['NoPodStreams'],
          means: {
            en: 'No node works on this server yet, so nothing can be reached inside pods.',
            zh: '该服务器上还没有工作的节点，因此无法访问容器组内部。',
          },
          remedy: {
            en: 'Wait until the platform has said `ready`; `npm start` brings a node.',
            zh: '等到平台输出 `ready`；`npm start` 自带一个节点。',
          },
        },
        {
          names: ['PodUnreachable'],
          means: {
            en: '`pods/proxy` found nobody at that port of the pod, or its server broke the connection.',
            zh: '`pods/proxy` 在容器组的该端口上无人应答，或对方中断了连接。',
          },
          remedy: {
            en: 'Look whether the program listens: `kubectl logs`, `kubectl exec`; name the port as `NAME:PORT`.',
            zh: '用 `kubectl logs`、`kubectl exec` 查看程序是否在监听；端口写作 `名称:端口`。',
          },
        },
        {
          names: ['ContainerNotRunning'],
          means: {
            en: '`kubectl exec` or `attach` to a container that has not started or has ended.',
            zh: '`kubectl exec` 或 `attach` 的容器没有运行。',
          },
          remedy: { en: '`kubectl describe pod` says why; wait until it runs.', zh: '`kubectl describe pod` 显示原因；等它运行。' },
        },
        {
          names: ['ContainerUnknown'],
          means: { en: 'The pod has no container of that name.', zh: '容器组没有该名称的容器。' },
          remedy: { en: 'Name one of the pod with `-c`.', zh: '用 `-c` 指定一个。' },
        },
        {
          names: ['TerminalsMissing'],
          means: {
            en: 'A terminal (`-t`, `tty: true`) was asked for, and the machine has no `script`.',
            zh: '需要终端（`-t`、`tty: true`），但本机没有 `script`。',
          },
          remedy: { en: '`apt-get install bsdutils`, or leave the terminal out.', zh: '`apt-get install bsdutils`，或不使用终端。' },
        },
        {
          names: ['PortUnreachable'],
          means: {
            en: '`kubectl port-forward`: nothing in the pod answers on the port.',
            zh: '`kubectl port-forward`：容器组中没有程序在该端口应答。',
          },
          remedy: {
            en: 'Check that a container listens on it, on 127.0.0.1 or all addresses.',
            zh: '检查容器是否监听 127.0.0.1 或全部地址。',
          },
        },
        {
          names: ['PortInvalid'],
          means: { en: '`kubectl port-forward` asked for something that is no port.', zh: '`kubectl port-forward` 的端口不合法。' },
          remedy: { en: 'Write a number from 1 to 65535.', zh: '写 1 到 65535 的数字。' },
        },
        {
          names: ['TooManyConnections'],
          means: { en: '200 forwarded connections to the pod are open.', zh: '到该容器组的转发连接已有 200 个。' },
          remedy: { en: 'Close some.', zh: '关闭一些。' },
        },
        {
          names: ['TooManySessions'],
          means: {
            en: '64 sessions (exec, attach, port-forward) or 128 requests through `pods/proxy` of one pod are open, or 256 of one user.',
            zh: '同一容器组已有 64 个会话（exec、attach、port-forward）或 128 个经 `pods/proxy` 的请求，或者同一用户已有 256 个。',
          },
          remedy: { en: 'End some.', zh: '结束一些。' },
        },
        {
          names: ['StreamsMissing'],
          means: {
            en: 'A client asked for exec or attach over SPDY and did not open its streams.',
            zh: '客户端通过 SPDY 请求 exec 或 attach，却没有打开数据流。',
          },
          remedy: {
            en: 'Try again; behind a proxy, check that it passes upgraded connections.',
            zh: '重试；若经过代理，检查它是否放行升级的连接。',
          },
        },
        {
          names: ['ContainerWaiting'],
          means: { en: 'Logs are asked of a container that has not started.', zh: '容器尚未启动，没有日志。' },
          remedy: { en: '`kubectl describe pod NAME` says what it waits for.', zh: '`kubectl describe pod NAME` 说明在等待什么。' },
        },
        {
          names: ['PreviousRunMissing'],
          means: { en: '`kubectl logs --previous` of a container that was not restarted.', zh: '容器没有重启过，`--previous` 没有内容。' },
          remedy: { en: 'Leave `--previous` out.', zh: '去掉 `--previous`。' },
        },
        {
          names: ['ClientGone'],
          means: { en: 'The client broke the connection before its request was complete.', zh: '客户端在请求完成前断开。' },
          remedy: { en: 'Nothing on the server; look at the client and the network.', zh: '检查客户端和网络。' },
        },
        {
          names: ['ResizeRefused'],
          means: {
            en: "A larger request on a claim that can't grow: not bound yet, its class does not say `allowVolumeExpansion: true`, or its volume is of a kind that nobody grows (hostPath, local, nfs).",
            zh: '声明不能扩容：尚未绑定、存储类没有 `allowVolumeExpansion: true`，或卷的类型不支持扩容（hostPath、local、nfs）。',
          },
          remedy: {
            en: 'Wait until it is bound; allow it on the class; or make a new claim of the size you need and copy.',
            zh: '等待绑定；在存储类上允许扩容；或新建所需容量的声明并复制数据。',
          },
        },
        {
          names: [
            'FieldValueRequired',
            'FieldValueInvalid',
            'FieldValueNotSupported',
            'FieldValueDuplicate',
            'FieldValueForbidden',
            'FieldValueNotFound',
            'FieldValueTooLong',
            'FieldValueTooMany',
            'FieldValueTypeInvalid',
          ],
          means: {
            en: 'Causes of a refusal (`details.causes`): what is wrong with the field that the cause names.',
            zh: '拒绝的原因（`details.causes`）：所指字段有什么问题。',
          },
          remedy: {
            en: 'Correct that field; the message has its value and what is allowed.',
            zh: '修正该字段；消息中有它的值和允许的范围。',
          },
        },
        {
          names: ['NonZeroExitCode', 'ExitCode'],
          means: {
            en: 'End of a command in a pod (`kubectl exec`): it ended with another code than 0, which the cause `ExitCode` has.',
            zh: '容器组中的命令结束（`kubectl exec`）：退出码不是 0，原因 `ExitCode` 给出该值。',
          },
          remedy: { en: 'Look at what the command said.', zh: '查看命令的输出。' },
        },
      ],
    },
  ],
};
