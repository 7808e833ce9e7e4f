/** What is said of snapshots, their contents and groups of them: why one is not ready, what holds it, what helps. */
export const SNAPSHOT_SENTENCES = {
  snapshotReady: { en: '{object} is ready: claims can be made from it', zh: '{object} 已就绪：可以据此创建声明' },
  snapshotNotReady: { en: '{object} is not ready: {reason}', zh: '{object} 尚未就绪：{reason}' },
  snapshotComes: { en: '{object} is being taken', zh: '{object} 正在创建' },
  snapshotHeld: {
    en: '{object} is to be deleted, and stays while claims are made from it',
    zh: '{object} 等待删除，在正在据此创建的声明完成之前保留',
  },
  snapshotHeldByGroup: {
    en: '{object} is to be deleted, and stays as long as its group {group} does',
    zh: '{object} 等待删除，在其快照组 {group} 存在期间保留',
  },
  snapshotGoes: { en: '{object} is being deleted: its driver has it still', zh: '{object} 正在删除：驱动尚未将其删除' },
  snapshotMendReason: { en: 'do what the reason says; it is tried again by itself', zh: '按原因处理，之后会自动重试' },
  snapshotMendClaims: {
    en: 'wait until the claims have their volumes, or delete them: {claims}',
    zh: '等待声明得到卷，或删除这些声明：{claims}',
  },
  snapshotDeleteGroup: { en: 'kubectl delete volumegroupsnapshot {group}', zh: 'kubectl delete volumegroupsnapshot {group}' },
  snapshotExplain: {
    en: 'stowage explain {type}/{name} -n {namespace} says more',
    zh: '详见 stowage explain {type}/{name} -n {namespace}',
  },
  snapshotIsReady: { en: 'is ready', zh: '已就绪' },
  snapshotIsTaken: { en: 'is being taken', zh: '正在创建' },
  snapshotIsOf: { en: 'holds {size}, taken {time}', zh: '大小 {size}，时间点 {time}' },
  contentAtDriver: { en: 'at the driver {driver} as {handle}', zh: '在驱动 {driver} 上为 {handle}' },
  contentFree: {
    en: '{object} is not bound: no snapshot {snapshot} has named it yet',
    zh: '{object} 尚未绑定：还没有快照 {snapshot} 引用它',
  },
  contentNameIt: {
    en: 'create {kind} {snapshot} whose spec.source.{field} is {name}',
    zh: '创建 {kind} {snapshot}，其 spec.source.{field} 为 {name}',
  },
  contentOfSnapshot: { en: 'belongs to {snapshot}', zh: '属于 {snapshot}' },
  contentHeld: {
    en: '{object} is to be deleted, and stays as long as {snapshot} does',
    zh: '{object} 等待删除，在 {snapshot} 存在期间保留',
  },
  contentDeleteSnapshot: { en: 'delete {snapshot}', zh: '删除 {snapshot}' },
} as const;
