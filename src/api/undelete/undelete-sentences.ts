/** What is said of claims that were deleted and can be brought back. */
export const UNDELETE_SENTENCES = {
  deletedAndKept: {
    en: '{object} was deleted; its volume {volume} ({size}) is kept until {until}',
    zh: '{object} 已被删除；其卷 {volume}（{size}）保留到 {until}',
  },
  volumeKeptForClaim: {
    en: '{object} is Released: its claim {claim} was deleted and can be brought back until {until}; then the volume goes',
    zh: '{object} 已释放（Released）：其声明 {claim} 已被删除，可在 {until} 之前恢复；之后该卷将被删除',
  },
  recordUnreadable: { en: '{object} is kept for a deleted claim: {why}', zh: '{object} 为已删除的声明保留：{why}' },
  bringClaimBack: {
    en: 'stowage undelete pvc/{name} -n {namespace} brings claim and data back; with --now the volume goes at once',
    zh: 'stowage undelete pvc/{name} -n {namespace} 恢复声明和数据；加 --now 则立即放弃该卷',
  },
  deletedEarlier: {
    en: 'an earlier claim of this name was deleted: volume {volume} ({size}), kept until {until}',
    zh: '同名的较早声明已被删除：卷 {volume}（{size}），保留到 {until}',
  },
  deletedCount: {
    en: '{count} that can be brought back count in the quotas: {names}; stowage undelete --list -n {namespace}',
    zh: '有 {count} 个可恢复的声明计入配额：{names}；stowage undelete --list -n {namespace}',
  },
  keepsDeleted: { en: 'volumes of deleted claims are kept for {grace}', zh: '已删除声明的卷保留 {grace}' },
  keepsNoDeleted: { en: '{grace} is no time from 1s to 8760h: nothing is kept', zh: '{grace} 不是 1s 到 8760h 之间的时长：不保留任何内容' },
} as const;
