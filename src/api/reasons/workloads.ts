import type { ReasonSection } from './reason-section.ts';

/** Of the controllers that make pods. */
export const WORKLOAD_REASONS: ReasonSection = {
  title: { en: 'Events and conditions of workloads', zh: '工作负载的事件与状况' },
  tables: [
    {
      intro: {
        en: "With upstream's reasons. The controllers of a cluster say the same.",
        zh: '原因与 Kubernetes 相同，集群的控制器也这样说。',
      },
      rows: [
        {
          names: ['SuccessfulCreate'],
          means: { en: 'A pod, claim or job was made (Normal).', zh: '已创建容器组、声明或任务（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['SuccessfulDelete'],
          means: { en: 'A pod or job was deleted (Normal).', zh: '已删除容器组或任务（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['FailedCreate'],
          means: {
            en: 'The API refused the pod; its words follow. Also the reason of the condition ReplicaFailure.',
            zh: 'API 拒绝创建容器组，原话在后。',
          },
          remedy: {
            en: 'As the message says: a quota, a policy, or a fault in the template. It is tried again.',
            zh: '按消息处理：配额、策略或模板错误；会自动重试。',
          },
        },
        {
          names: ['FailedDelete'],
          means: { en: 'The API refused to delete a pod; its words follow.', zh: 'API 拒绝删除容器组，原话在后。' },
          remedy: { en: 'As the message says. It is tried again.', zh: '按消息处理；会自动重试。' },
        },
        {
          names: ['SuccessfulUpdate', 'UpdatingClaim', 'ClaimsUpdated'],
          means: {
            en: 'A claim of a StatefulSet with `volumeClaimUpdatePolicy: InPlace` was asked to be as its template is now (event), is changing, or all are as their templates (condition VolumeClaimsUpdated).',
            zh: 'StatefulSet（`volumeClaimUpdatePolicy: InPlace`）的声明已按新模板提出更改（事件）、正在更改，或全部与模板一致（状况 VolumeClaimsUpdated）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['FailedUpdate', 'ClaimUpdateFailed'],
          means: {
            en: 'The API refused a claim what its template asks for, or the claim did not grow or change; the words follow. Claims of higher numbers wait, pods run on.',
            zh: 'API 拒绝按模板更改声明，或声明未能扩容、更改，原话在后。编号更大的声明等待，容器组继续运行。',
          },
          remedy: {
            en: 'As the message says: room in the pool, `allowVolumeExpansion: true` on the class, a quota. It is tried again by itself. Or lower the request of that claim to what it has, or set `volumeClaimUpdatePolicy: OnClaimDelete`.',
            zh: '按消息处理：存储池空间、存储类的 `allowVolumeExpansion: true` 或配额；会自动重试。也可把该声明的申请降回现有容量，或改为 `volumeClaimUpdatePolicy: OnClaimDelete`。',
          },
        },
        {
          names: ['ScalingReplicaSet'],
          means: {
            en: 'A Deployment gives one of its ReplicaSets more or fewer pods (Normal).',
            zh: 'Deployment 增减其 ReplicaSet 的容器组（Normal）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['ReplicaSetCreateError'],
          means: { en: 'The ReplicaSet of a new template could not be made.', zh: '无法创建新模板的 ReplicaSet。' },
          remedy: { en: 'As the message says; mostly a fault in the template.', zh: '按消息处理，多为模板错误。' },
        },
        {
          names: ['SelectingAll'],
          means: { en: "The Deployment's selector is empty.", zh: 'Deployment 的选择器为空。' },
          remedy: { en: 'Make it again with `spec.selector.matchLabels`.', zh: '写明 `spec.selector.matchLabels`，重新创建。' },
        },
        {
          names: ['MinimumReplicasAvailable'],
          means: {
            en: 'Enough pods of the Deployment are available (`spec.replicas` less `maxUnavailable`).',
            zh: 'Deployment 可用的容器组足够（`spec.replicas` 减去 `maxUnavailable`）。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['MinimumReplicasUnavailable'],
          means: { en: 'Fewer pods than that are available.', zh: '可用的容器组少于上述数量。' },
          remedy: {
            en: '`kubectl get pods`, then `kubectl describe pod` of one that is not ready.',
            zh: '`kubectl get pods`，再对未就绪的容器组执行 `kubectl describe pod`。',
          },
        },
        {
          names: ['NewReplicaSetCreated'],
          means: { en: 'The rollout began.', zh: '发布已开始。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['FoundNewReplicaSet'],
          means: { en: 'The ReplicaSet of the template was there already.', zh: '该模板的 ReplicaSet 已经存在。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['ReplicaSetUpdated'],
          means: { en: 'The rollout goes on.', zh: '发布正在进行。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['NewReplicaSetAvailable'],
          means: { en: 'The rollout is complete.', zh: '发布已完成。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['ProgressDeadlineExceeded'],
          means: {
            en: 'The rollout made no progress for `spec.progressDeadlineSeconds`. It goes on as soon as it can.',
            zh: '发布在 `spec.progressDeadlineSeconds` 内没有进展。',
          },
          remedy: {
            en: '`kubectl describe pod` of a pod that is not ready; correct the template, or `kubectl rollout undo`.',
            zh: '查看未就绪的容器组；修正模板，或 `kubectl rollout undo`。',
          },
        },
        {
          names: ['DeploymentPaused'],
          means: { en: 'The Deployment is paused: changes of its template wait.', zh: 'Deployment 已暂停，模板的修改要等待。' },
          remedy: { en: '`kubectl rollout resume`.', zh: '`kubectl rollout resume`。' },
        },
        {
          names: ['CompletionsReached'],
          means: { en: 'Enough pods of the job succeeded.', zh: '任务成功的容器组已足够。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['Completed'],
          means: { en: 'The job is over, with success (Normal).', zh: '任务已成功结束（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['PodFailurePolicy'],
          means: {
            en: 'A pod of the job failed in a way that a rule of `spec.podFailurePolicy` answers with FailJob; the message names pod, cause and rule.',
            zh: '容器组的失败符合 `spec.podFailurePolicy` 中的 FailJob 规则；消息写明容器组、原因和规则。',
          },
          remedy: { en: "As the job's author meant it: mend the cause, make the job again.", zh: '排除原因，重新创建任务。' },
        },
        {
          names: ['FailedIndexes'],
          means: {
            en: 'All indexes of the job are over, and some failed more often than `spec.backoffLimitPerIndex`, or by a rule; `status.failedIndexes` lists them.',
            zh: '所有索引都已结束，其中一些失败次数超过 `spec.backoffLimitPerIndex` 或被规则判定失败；见 `status.failedIndexes`。',
          },
          remedy: {
            en: '`kubectl logs` of their pods; make a job for these indexes.',
            zh: '查看其容器组的 `kubectl logs`；为这些索引再建一个任务。',
          },
        },
        {
          names: ['MaxFailedIndexesExceeded'],
          means: { en: 'More indexes of the job failed than `spec.maxFailedIndexes`.', zh: '失败的索引多于 `spec.maxFailedIndexes`。' },
          remedy: { en: 'As above.', zh: '同上。' },
        },
        {
          names: ['SuccessPolicy'],
          means: {
            en: 'The indexes that a rule of `spec.successPolicy` asks for succeeded; the other pods were ended.',
            zh: '`spec.successPolicy` 某条规则要求的索引已成功，其余容器组已结束。',
          },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['BackoffLimitExceeded'],
          means: { en: 'More pods of the job failed than `spec.backoffLimit`.', zh: '任务失败的容器组多于 `spec.backoffLimit`。' },
          remedy: { en: '`kubectl logs` of its pods; make the job again.', zh: '`kubectl logs`；重新创建任务。' },
        },
        {
          names: ['DeadlineExceeded'],
          means: {
            en: 'The job or pod ran longer than its `spec.activeDeadlineSeconds`; it was ended and is Failed.',
            zh: '任务或容器组的运行时间超过 `spec.activeDeadlineSeconds`，已被终止，状态为 Failed。',
          },
          remedy: { en: 'Give it more time, and make it again.', zh: '给予更长的时间并重新创建。' },
        },
        {
          names: ['JobSuspended'],
          means: { en: 'The job is suspended: its pods were taken away.', zh: '任务已挂起，其容器组已移除。' },
          remedy: {
            en: '`kubectl patch job NAME -p \'{"spec":{"suspend":false}}\'`.',
            zh: '`kubectl patch job NAME -p \'{"spec":{"suspend":false}}\'`。',
          },
        },
        {
          names: ['Suspended'],
          means: { en: 'The same, as an event (Normal).', zh: '同上，以事件形式（Normal）。' },
          remedy: { en: 'As for `JobSuspended`.', zh: '同 `JobSuspended`。' },
        },
        { names: ['JobResumed'], means: { en: 'The job goes on.', zh: '任务继续运行。' }, remedy: { en: 'Nothing.', zh: '无需处理。' } },
        {
          names: ['Resumed'],
          means: { en: 'The same, as an event (Normal).', zh: '同上，以事件形式（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['SawCompletedJob'],
          means: { en: 'A job of the CronJob is over (Normal).', zh: 'CronJob 的一个任务已结束（Normal）。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['JobAlreadyActive'],
          means: {
            en: 'A time was not kept: the job before still runs, and `concurrencyPolicy` is Forbid (Normal).',
            zh: '错过了一次时间：前一个任务仍在运行，而 `concurrencyPolicy` 为 Forbid（Normal）。',
          },
          remedy: { en: 'Nothing, or another policy.', zh: '无需处理，或改用其他策略。' },
        },
        {
          names: ['TooManyMissedTimes'],
          means: {
            en: 'More than 100 times were not kept, mostly because the platform was off. The last one is kept.',
            zh: '错过了 100 次以上，多因平台没有运行；只补最后一次。',
          },
          remedy: {
            en: 'A `spec.startingDeadlineSeconds`, so that old times do not count.',
            zh: '设置 `spec.startingDeadlineSeconds`，使过去的时间不再计算。',
          },
        },
        {
          names: ['UnparseableSchedule'],
          means: { en: "The schedule can't be read.", zh: '无法读取时间表。' },
          remedy: { en: 'Correct `spec.schedule`.', zh: '修正 `spec.schedule`。' },
        },
        {
          names: ['DeploymentResumed'],
          means: { en: 'The Deployment goes on after a pause.', zh: 'Deployment 在暂停后继续。' },
          remedy: { en: 'Nothing.', zh: '无需处理。' },
        },
        {
          names: ['SufficientPods', 'InsufficientPods'],
          means: {
            en: 'Condition `DisruptionAllowed` of a PodDisruptionBudget: an eviction is allowed now, or is not.',
            zh: 'PodDisruptionBudget 的状况 `DisruptionAllowed`：目前允许或不允许驱逐。',
          },
          remedy: { en: 'Nothing; or wait until more of its pods are ready.', zh: '无需处理；或等待更多 Pod 就绪。' },
        },
      ],
    },
  ],
};
