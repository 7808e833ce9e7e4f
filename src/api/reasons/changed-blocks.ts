import type { ReasonSection } from './reason-section.ts';

/** Of the service that tells which blocks of snapshots hold data, or have changed. */
export const CHANGED_BLOCKS_REASONS: ReasonSection = {
  title: { en: 'Changed blocks of snapshots', zh: '快照的变更块' },
  tables: [
    {
      rows: [
        {
          names: ['TokenRefused'],
          means: {
            en: 'Nobody knows the `security_token` of the call, it is over, or it is for another audience (`UNAUTHENTICATED`).',
            zh: '调用的 `security_token` 无人认识、已过期，或其受众不同（`UNAUTHENTICATED`）。',
          },
          remedy: {
            en: 'Ask for a token with `kubectl create token ACCOUNT --audience=AUDIENCE`; the audience is in the SnapshotMetadataService of the driver.',
            zh: '用 `kubectl create token ACCOUNT --audience=AUDIENCE` 申请令牌；受众写在该驱动的 SnapshotMetadataService 中。',
          },
        },
        {
          names: ['TokenReviewFailed'],
          means: { en: 'It could not be found out whose token it is (`INTERNAL`).', zh: '无法确认令牌属于谁（`INTERNAL`）。' },
          remedy: { en: 'Ask again; the log of the platform says more.', zh: '重试；平台日志有更多说明。' },
        },
        {
          names: ['CallerUnknown'],
          means: {
            en: '`stowage snapshot blocks` showed neither a client certificate nor a token.',
            zh: '`stowage snapshot blocks` 既没有出示客户端证书，也没有出示令牌。',
          },
          remedy: { en: 'Use a kubeconfig with credentials.', zh: '使用带凭据的 kubeconfig。' },
        },
        {
          names: ['SnapshotForbidden'],
          means: {
            en: 'The caller may not `get` the VolumeSnapshot (`PERMISSION_DENIED`).',
            zh: '调用者无权 `get` 该 VolumeSnapshot（`PERMISSION_DENIED`）。',
          },
          remedy: {
            en: 'Give its account a Role with `get` on `volumesnapshots` of `snapshot.storage.k8s.io`.',
            zh: '为其账号授予可 `get` `snapshot.storage.k8s.io` 的 `volumesnapshots` 的 Role。',
          },
        },
        {
          names: ['SnapshotNotReady'],
          means: {
            en: 'The VolumeSnapshot is not there, not bound, or not ready (`UNAVAILABLE`).',
            zh: 'VolumeSnapshot 不存在、未绑定或尚未就绪（`UNAVAILABLE`）。',
          },
          remedy: {
            en: 'Wait until it is ready; `stowage explain vs/NAME` says what it waits for.',
            zh: '等待其就绪；`stowage explain vs/NAME` 说明它在等什么。',
          },
        },
        {
          names: ['BlocksUnavailable'],
          means: {
            en: 'The driver of the snapshot is not connected, or the secret that its class names can not be read (`UNAVAILABLE`).',
            zh: '快照的驱动未连接，或其类所指的 Secret 无法读取（`UNAVAILABLE`）。',
          },
          remedy: { en: 'Start the driver, or create the secret; then ask again.', zh: '启动驱动或创建该 Secret，然后重试。' },
        },
        {
          names: ['BaseSnapshotUnknown'],
          means: {
            en: 'The base is no ready snapshot of the same namespace that the caller may read (`NOT_FOUND`).',
            zh: '基准不是同一命名空间中调用者可读取的就绪快照（`NOT_FOUND`）。',
          },
          remedy: {
            en: 'Name the `status.snapshotHandle` of the content of such a snapshot, or copy the whole snapshot.',
            zh: '改用此类快照的内容的 `status.snapshotHandle`，或完整复制该快照。',
          },
        },
        {
          names: ['BlocksOutOfOrder'],
          means: { en: 'The driver answers blocks that overlap or go back (`INTERNAL`).', zh: '驱动返回的块重叠或倒退（`INTERNAL`）。' },
          remedy: { en: "Copy the whole snapshot, and tell the driver's vendor.", zh: '完整复制该快照，并告知驱动厂商。' },
        },
        {
          names: ['TooManyBlockCalls'],
          means: {
            en: '16 calls of one user, or 64 of all, are being answered (`RESOURCE_EXHAUSTED`).',
            zh: '正在应答的调用已达单个用户 16 个或总共 64 个（`RESOURCE_EXHAUSTED`）。',
          },
          remedy: { en: 'Ask again when one has ended.', zh: '等其中一个结束后重试。' },
        },
        {
          names: ['GrpcRequestRefused'],
          means: {
            en: 'What was sent is not one uncompressed gRPC message of at most 64 KiB.',
            zh: '发送的内容不是一条不超过 64 KiB 的未压缩 gRPC 消息。',
          },
          remedy: { en: 'Use a gRPC client with the published interface.', zh: '使用符合已发布接口的 gRPC 客户端。' },
        },
        {
          names: ['BlocksNotServed'],
          means: {
            en: 'The API server that the command line asked is no Stowage, or one without the service.',
            zh: '命令行所询问的 API 服务器不是 Stowage，或没有该服务。',
          },
          remedy: {
            en: 'Name the kubeconfig of the Stowage that has the snapshot; on a cluster use a client of external-snapshot-metadata.',
            zh: '指定拥有该快照的 Stowage 的 kubeconfig；在集群上使用 external-snapshot-metadata 的客户端。',
          },
        },
      ],
    },
  ],
};
