/** What is said of rollbacks and moves, and of schedules of snapshots: what they wait for, what helps. */
export const ROLLBACK_SENTENCES = {
  jobRefused: { en: '{object} was refused, nothing was begun: {why}', zh: '{object} 被拒绝，未开始任何操作：{why}' },
  jobMakeAnother: { en: 'do what it says, then make another {kind}', zh: '按提示处理，然后新建一个 {kind}' },
  jobConfirmed: { en: '{object} is confirmed: the volumes of before are given up', zh: '{object} 已确认：之前的卷已放弃' },
  jobUndone: { en: '{object} is undone: the claims have their volumes of before', zh: '{object} 已撤销：声明恢复为之前的卷' },
  rollbackSwapped: {
    en: '{object}: the claims are at their snapshots, and the volumes of before are kept until it is decided',
    zh: '{object}：声明已回到快照，之前的卷保留到作出决定',
  },
  jobDecide: {
    en: 'kubectl patch {type} {name} -n {namespace} --type=merge -p \'{"spec":{"decision":"Confirm"}}\' gives up what was there before, "Undo" brings it back',
    zh: '执行 kubectl patch {type} {name} -n {namespace} --type=merge -p \'{"spec":{"decision":"Confirm"}}\' 放弃之前的内容，"Undo" 则恢复',
  },
  jobGoesOn: { en: '{object} goes on ({phase})', zh: '{object} 正在进行（{phase}）' },
  jobWaits: { en: '{object} waits ({phase}): {why}', zh: '{object} 正在等待（{phase}）：{why}' },
  jobGiveUp: {
    en: 'mend what it waits for, or take it back: kubectl patch {type} {name} -n {namespace} --type=merge -p \'{"spec":{"decision":"Undo"}}\'',
    zh: '解决其等待的问题，或撤销：kubectl patch {type} {name} -n {namespace} --type=merge -p \'{"spec":{"decision":"Undo"}}\'',
  },
  jobStops: { en: 'is stopped meanwhile', zh: '期间停止' },
  rolledFromTo: {
    en: 'to snapshot {snapshot}: volume {before} before, {after} after',
    zh: '回到快照 {snapshot}：之前为卷 {before}，之后为 {after}',
  },
  rolledWithout: {
    en: 'to snapshot {snapshot}: volume {before} before, the one after is not made yet',
    zh: '回到快照 {snapshot}：之前为卷 {before}，之后的卷尚未创建',
  },
  moveSwapped: {
    en: '{object}: the claim has its new volume, and the one of before is kept until it is decided',
    zh: '{object}：声明已换用新卷，之前的卷保留到作出决定',
  },
  movedFromTo: { en: 'volume {before} before, {after} after', zh: '之前为卷 {before}，之后为 {after}' },
  movedWithout: { en: 'volume {before} before, the one after is not made yet', zh: '之前为卷 {before}，之后的卷尚未创建' },
  moveCopied: { en: '{percent} % copied', zh: '已复制 {percent} %' },
  scheduleSuspended: { en: '{object} is suspended: it takes nothing', zh: '{object} 已暂停：不创建快照' },
  scheduleResume: { en: 'set spec.suspend to false', zh: '将 spec.suspend 设为 false' },
  scheduleWell: { en: '{object} takes its next snapshots at {next}', zh: '{object} 将在 {next} 创建下一批快照' },
  scheduleNoNext: { en: '{object} has no next time', zh: '{object} 没有下一次时间' },
  scheduleTakes: { en: '{object}: a run is under way', zh: '{object}：本次快照正在进行' },
  scheduleHindered: { en: '{object}: {why}', zh: '{object}：{why}' },
  scheduleMend: { en: 'do what it says; the next run is tried at its time', zh: '按提示处理；下一次到时会再次尝试' },
  scheduleLast: { en: 'last run {last}, last success {success}', zh: '最近一次 {last}，最近一次成功 {success}' },
  scheduleMissed: { en: '{count} runs were missed', zh: '错过 {count} 次' },
} as const;
