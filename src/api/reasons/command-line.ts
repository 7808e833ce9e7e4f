import type { ReasonSection } from './reason-section.ts';

/** Of the command line, and of a platform that starts. */
export const COMMAND_LINE_REASONS: ReasonSection = {
  title: { en: 'Command line and start', zh: '命令行与启动' },
  tables: [
    {
      rows: [
        {
          names: ['UnknownVerb'],
          means: { en: '`stowage` has no such verb.', zh: '`stowage` 没有这个子命令。' },
          remedy: {
            en: 'Use one that `stowage --help` lists; `stowage VERB --help` tells more.',
            zh: '使用 `stowage --help` 列出的子命令；`stowage VERB --help` 有更多说明。',
          },
        },
        {
          names: ['ConfigInvalid'],
          means: {
            en: 'A flag or a `STOWAGE_…` variable is unknown, has no value, or has one that is not allowed.',
            zh: '参数或 `STOWAGE_…` 环境变量未知、缺少值或值不允许。',
          },
          remedy: {
            en: 'The message has the flag and what is allowed; `npm start -- --help` lists all, `--print-config` shows what would be used.',
            zh: '消息给出参数和允许的值；`npm start -- --help` 列出全部参数，`--print-config` 显示将使用的设置。',
          },
        },
        {
          names: ['BundleRefused'],
          means: {
            en: "`stowage bundle` found no platform in the data directory, or can't write the archive.",
            zh: '`stowage bundle` 在数据目录中找不到平台，或无法写入归档文件。',
          },
          remedy: {
            en: "`--data-dir` with the platform's data directory, `--output` with a place that can be written.",
            zh: '用 `--data-dir` 指定平台的数据目录，用 `--output` 指定可写的位置。',
          },
        },
        {
          names: ['DataDirectoryRefused'],
          means: {
            en: "The data directory can't be made or written, holds files of somebody else, or holds no platform.",
            zh: '数据目录无法创建或写入、含有他人的文件，或其中没有平台。',
          },
          remedy: {
            en: '`--data-dir` with an empty or a new directory that this user can write, or that of the platform.',
            zh: '用 `--data-dir` 指定当前用户可写的空目录或新目录，或平台的数据目录。',
          },
        },
        {
          names: ['PlatformStarting'],
          means: { en: '`stowage down` met a platform that is just starting.', zh: '`stowage down` 遇到正在启动的平台。' },
          remedy: { en: 'Try again in a moment.', zh: '稍后再试。' },
        },
        {
          names: ['PlatformOfAnother'],
          means: { en: '`stowage down` may not stop the platform of another user.', zh: '`stowage down` 无权停止其他用户的平台。' },
          remedy: { en: 'Run it as that user, or as root.', zh: '以该用户或 root 身份运行。' },
        },
        {
          names: ['StoreLocked'],
          means: {
            en: 'Another process works on this data directory; the message has its pid.',
            zh: '另一个进程正在使用该数据目录，消息中有其 pid。',
          },
          remedy: {
            en: 'Stop that process (Ctrl-C there), or start with another `--data-dir`. A lock never outlives its process: there is no file to remove.',
            zh: '停止该进程（在其终端按 Ctrl-C），或另选 `--data-dir`。锁随进程消失，无需删除文件。',
          },
        },
        {
          names: ['StoreDirectoryRefused'],
          means: {
            en: 'The directory of the objects belongs to another user, is not writable, is no directory, or its file system has no locks.',
            zh: '对象目录属于其他用户、不可写、不是目录，或其文件系统不支持锁。',
          },
          remedy: {
            en: 'Run as the owner, correct owner and mode, or choose a directory on a local file system.',
            zh: '以所有者身份运行，修正所有者和权限，或选择本地文件系统上的目录。',
          },
        },
        {
          names: ['StoreFormatTooNew'],
          means: { en: 'A newer Stowage wrote the objects.', zh: '对象由更新版本的 Stowage 写入，文件未被改动。' },
          remedy: {
            en: 'Start that version, or choose another `--data-dir`. Nothing was changed.',
            zh: '启动该版本，或另选 `--data-dir`。',
          },
        },
        {
          names: ['StoreDamaged'],
          means: {
            en: '`store.db` is no store, its check failed, or an object has a wrong checksum. It was left as it is.',
            zh: '`store.db` 不是有效的存储，或对象的校验和不符；文件保持原样。',
          },
          remedy: {
            en: 'Look for a failing disk. Restore `DATA-DIR/store` from a copy; or move `store.db` and `store.db-wal` away to start empty: the volumes stay in the pool, but no object knows them.',
            zh: '检查磁盘；从副本恢复 `DATA-DIR/store`；或移走 `store.db` 和 `store.db-wal` 从空开始（卷仍在存储池中，但没有对象指向它们）。',
          },
        },
        {
          names: ['SigningKeyDamaged'],
          means: {
            en: "The key in `DATA-DIR/pki` that signs the tokens of service accounts can't be read.",
            zh: '`DATA-DIR/pki` 中签署服务账户令牌的密钥无法读取。',
          },
          remedy: {
            en: 'Put it back from a copy. Or remove it: a new one is made at the next start, and tokens issued before are refused.',
            zh: '从副本恢复；或删除它：下次启动生成新密钥，旧令牌失效。',
          },
        },
        {
          names: ['AuditPolicyInvalid'],
          means: {
            en: "The file of `--audit-policy-file` can't be read, or is no policy of audit.k8s.io/v1.",
            zh: '`--audit-policy-file` 的文件不可读，或不是 audit.k8s.io/v1 的策略。',
          },
          remedy: {
            en: 'Correct it as the message says, or leave the flag out: writes are kept then, without what was written.',
            zh: '按消息修改，或去掉该参数：那样只记录写操作，不含所写内容。',
          },
        },
        {
          names: ['IssuerUnreachable'],
          means: {
            en: 'The OpenID provider of `--oidc-issuer-url` does not answer, or names another issuer. In the log only: its tokens are refused meanwhile, unless its keys are known.',
            zh: '`--oidc-issuer-url` 的 OpenID 提供方没有回答，或自称另一个签发者。只出现在日志里：此间它的令牌被拒绝，除非已知其公钥。',
          },
          remedy: {
            en: 'Check the URL, `--oidc-ca-file`, and that the provider runs.',
            zh: '检查 URL、`--oidc-ca-file` 以及提供方是否在运行。',
          },
        },
        {
          names: ['PkiDamaged'],
          means: { en: 'A file in `DATA-DIR/pki` has no key and certificate.', zh: '`DATA-DIR/pki` 中的文件没有密钥和证书。' },
          remedy: {
            en: 'Put it back from a copy. Or remove it: a new one is made at the next start, and with a new `ca.pem` every kubeconfig has to be taken anew.',
            zh: '从副本恢复；或删除它，下次启动会重新生成。`ca.pem` 重新生成后，所有 kubeconfig 都要重新获取。',
          },
        },
        {
          names: ['ListenFailed'],
          means: {
            en: "The address and port can't be had: used by another program, not allowed (below 1024), or no address of this machine.",
            zh: '无法监听该地址和端口：被占用、无权限（小于 1024）或不是本机地址。',
          },
          remedy: {
            en: '`--port` with another number (0 takes any free one), or end the program that `ss -ltnp` shows there.',
            zh: '用 `--port` 换一个端口（0 表示任意空闲端口），或结束 `ss -ltnp` 显示的程序。',
          },
        },
        {
          names: ['DriverRefused'],
          means: {
            en: 'A CSI driver does not answer on its socket, has no usable name, or has the name of another.',
            zh: 'CSI 驱动没有应答、名称不可用或与其他驱动重名。',
          },
          remedy: {
            en: 'As the message says: start the driver, let this user use its socket, or remove the other one first (`stowage driver list`).',
            zh: '按消息启动驱动、允许使用套接字，或先移除另一个。',
          },
        },
        {
          names: ['DriverNotAdded'],
          means: { en: '`stowage driver remove` names a driver that was not added.', zh: '`stowage driver remove` 的驱动没有添加过。' },
          remedy: { en: '`stowage driver list` shows those that were.', zh: '`stowage driver list` 列出已添加的驱动。' },
        },
        {
          names: ['ImageLayoutInvalid'],
          means: { en: 'What was fetched or loaded is no OCI image with one manifest.', zh: '取得或导入的不是只含一个清单的 OCI 镜像。' },
          remedy: {
            en: 'Make the archive again (`skopeo copy … oci-archive:FILE`, `docker save`).',
            zh: '重新制作归档（`skopeo copy … oci-archive:FILE`、`docker save`）。',
          },
        },
        {
          names: ['ImageNotFound'],
          means: {
            en: '`stowage image remove` was given an image that no node has.',
            zh: '`stowage image remove` 指定的镜像不在任何节点上。',
          },
          remedy: { en: '`stowage image list` names those that there are.', zh: '用 `stowage image list` 查看。' },
        },
        {
          names: ['ImageFallback'],
          means: {
            en: "An image can't be had, and the container runs on a read-only view of the machine's programs, because the platform was started with `--image-fallback host`.",
            zh: '镜像无法获得，因平台以 `--image-fallback host` 启动，容器运行在本机程序的只读视图上。',
          },
          remedy: {
            en: 'Bring the image (`stowage image load FILE --name IMAGE`), or leave the flag out.',
            zh: '导入镜像（`stowage image load FILE --name IMAGE`），或去掉该参数。',
          },
        },
        {
          names: ['FreeDiskSpaceFailed'],
          means: {
            en: 'The disk under the images is nearly full, and removing all images that nobody uses does not help.',
            zh: '镜像所在磁盘将满，清理所有无人使用的镜像后仍不够。',
          },
          remedy: {
            en: 'Free space on the disk, or set `--image-gc-high-threshold`.',
            zh: '释放磁盘空间，或设置 `--image-gc-high-threshold`。',
          },
        },
        {
          names: ['InvalidImageName'],
          means: { en: "The name of an image in a pod can't be one.", zh: '镜像名称不合法。' },
          remedy: { en: '`[REGISTRY/]NAME[:TAG]` in lower case.', zh: '使用小写的 `[REGISTRY/]NAME[:TAG]`。' },
        },
        {
          names: ['ImageUserUnknown'],
          means: {
            en: 'The image runs as a user that its own `/etc/passwd` does not have.',
            zh: '镜像指定的用户不在其 `/etc/passwd` 中。',
          },
          remedy: { en: 'Set `securityContext.runAsUser`, or mend the image.', zh: '设置 `securityContext.runAsUser`，或修正镜像。' },
        },
        {
          names: ['SocketRefused'],
          means: {
            en: "The driver's unix socket can't be made: path not absolute or longer than 107 bytes, another process serves it, or another file is there.",
            zh: '无法创建驱动的 unix 套接字：路径不是绝对路径、超过 107 字节、被其他进程使用，或该处有其他文件。',
          },
          remedy: {
            en: 'A shorter `--socket`; stop the other process; remove the file that is no socket.',
            zh: '缩短路径，停止该进程，或移走该文件。',
          },
        },
        {
          names: ['PoolUnavailable'],
          means: {
            en: "The pool was made before and is not there (a disk that was not mounted, an incomplete restore), or its `pool.img` was removed or moved while it is in use: also a condition and event of the node. Nothing is made in its place, and volumes wait. Or the directory can't hold volumes: not writable, less than 512 MiB for an image, `pool.json` damaged; or the pool was made as root and is now to be mounted by somebody else.",
            zh: '以前创建的存储池不在原处（磁盘未挂载、恢复不完整），或 `pool.img` 在使用中被删除或移走：节点也有同名的状况和事件。不会另建存储池，卷保持等待。或目录不能作为存储池：不可写、映像小于 512 MiB、`pool.json` 损坏，或存储池以 root 创建而现在由普通用户启动。',
          },
          remedy: {
            en: 'As the message says: put the pool back (it is used within 5 s), save what only the loop device still holds, or give the volumes up (`touch …/begin-empty`); free space or give `--pool-size`, correct `pool.json`, start as root, or choose another `--data-dir`.',
            zh: '按消息处理：把存储池放回原处（5 秒内自动使用），保存只剩回环设备持有的数据，或放弃其中的卷（`touch …/begin-empty`）；释放空间或指定 `--pool-size`，修正 `pool.json`，以 root 启动，或另选 `--data-dir`。',
          },
        },
        {
          names: ['CommandMissing'],
          means: { en: 'A program of the machine is not installed.', zh: '本机缺少某个程序。' },
          remedy: {
            en: 'Install the package: `runc`, `xfsprogs`, `e2fsprogs`, `busybox-static`, `iproute2`, `mount`. `npm start` as root on Debian or Ubuntu does it.',
            zh: '安装软件包：`runc`、`xfsprogs`、`e2fsprogs`、`busybox-static`、`iproute2`、`mount`。在 Debian 或 Ubuntu 上以 root 运行 `npm start` 会自动安装。',
          },
        },
        {
          names: ['CommandFailed'],
          means: {
            en: 'A program (mount, mkfs, losetup, runc …) ended with an error; its own words follow.',
            zh: '程序（mount、mkfs、losetup、runc 等）出错，其输出附在后面。',
          },
          remedy: {
            en: 'Read those words; `dmesg` often says more about mounts and devices. The platform tries again where that can help.',
            zh: '阅读输出；挂载和设备问题可查看 `dmesg`。可以重试的会自动重试。',
          },
        },
        {
          names: ['CommandTimedOut'],
          means: {
            en: 'A program did not end in time and was killed (60 s; checks of file systems 30 min).',
            zh: '程序没有按时结束，已被终止（60 秒；文件系统检查 30 分钟）。',
          },
          remedy: {
            en: 'Look for a hanging disk or mount (`dmesg`, `cat /proc/mounts`). It is tried again.',
            zh: '检查是否有无响应的磁盘或挂载点；会自动重试。',
          },
        },
        {
          names: ['Canceled'],
          means: { en: 'The caller gave up, or the platform stops.', zh: '调用方放弃，或平台正在停止。' },
          remedy: { en: 'Nothing; do it again if it is still wanted.', zh: '无需处理；仍需要时再执行一次。' },
        },
        {
          names: ['InternalError'],
          means: { en: 'A fault of Stowage that it has no word for.', zh: 'Stowage 自身的未知故障。' },
          remedy: { en: 'The log has message and cause; please report both.', zh: '日志中有消息和原因，请一并反馈。' },
        },
      ],
    },
  ],
};
