import type { DefinitionTexts } from './definition-texts.ts';

/** Texts of `kubectl explain` for schedules of snapshots. */
export const SNAPSHOT_SCHEDULE_TEXTS: DefinitionTexts = {
  SnapshotSchedule: {
    '': 'Snapshots of claims at times. A run takes one of each claim that is selected, or one of all of them together; no run begins while the one before it is not done.',
    spec: 'When, of what, and how long they are kept.',
    'spec.schedule':
      'When: cron (minute, hour, day of the month, month, day of the week), @hourly, @daily, @weekly, @monthly, @yearly, or @every 6h.',
    'spec.timeZone': 'The time zone of the schedule, for example Europe/Berlin; UTC where it is absent.',
    'spec.suspend': 'True: nothing is taken. What is there is kept by the same rules.',
    'spec.jitterSeconds': 'Each run begins up to so many seconds later, so that many schedules of one time do not begin at once.',
    'spec.startingDeadlineSeconds':
      'A run that is later than this is given up; absent: however late, the last one that was missed is made up for.',
    'spec.selector': 'The claims of this namespace, by their labels; {} selects all.',
    'spec.selector.matchLabels': 'Labels that a claim must have.',
    'spec.selector.matchExpressions': 'Further requirements on the labels of a claim.',
    'spec.asGroup': 'True: each run takes one VolumeGroupSnapshot of all the claims, at one moment.',
    'spec.volumeSnapshotClassName': 'The class of the snapshots; absent: the default one.',
    'spec.volumeGroupSnapshotClassName': 'The class of the group snapshots; absent: the default one.',
    'spec.keep':
      'What is kept; what is beyond goes. Absent: all. The newest that is ready is always kept, and what a volume is being made from.',
    'spec.keep.count': 'So many of each claim, or so many groups.',
    'spec.keep.age': 'No longer than this, for example 7d, 12h or 30m.',
    'spec.hooks': 'Commands in the pods that use the claims, so that what they hold is whole in the snapshots.',
    'spec.hooks.before': 'Run in order before the first snapshot is taken, each in all of its pods at once.',
    'spec.hooks.before.command': 'The command and its arguments; no shell is in between.',
    'spec.hooks.before.container':
      'Where it is run; absent: in the one of the annotation kubectl.kubernetes.io/default-container, or the first.',
    'spec.hooks.before.podSelector': 'Only in pods with these labels; absent: in each that runs and uses a claim that is selected.',
    'spec.hooks.before.podSelector.matchLabels': 'Labels that a pod must have.',
    'spec.hooks.before.podSelector.matchExpressions': 'Further requirements on the labels of a pod.',
    'spec.hooks.before.timeoutSeconds': 'It is ended, and counts as failed, after this time; absent: 30.',
    'spec.hooks.before.onError': 'What its failure means: Fail (the default): nothing is taken; Continue: it is told, and the run goes on.',
    'spec.hooks.after':
      'Run in order when the last snapshot is cut, or was not in time: in any case in which those before were begun, and more than once after a crash. All of them run, also where one fails.',
    'spec.hooks.after.command': 'The command and its arguments; no shell is in between.',
    'spec.hooks.after.container': 'Where it is run; as of those before.',
    'spec.hooks.after.podSelector': 'Only in pods with these labels; absent: in each in which those before were to run.',
    'spec.hooks.after.podSelector.matchLabels': 'Labels that a pod must have.',
    'spec.hooks.after.podSelector.matchExpressions': 'Further requirements on the labels of a pod.',
    'spec.hooks.after.timeoutSeconds': 'It is ended, and counts as failed, after this time; absent: 30.',
    'spec.hooks.after.onError': 'Fail (the default): its failure stays in the status until the next run; Continue: it is an event alone.',
    'spec.hooks.holdSeconds':
      'Those after run at the latest so long after the run has begun, whether the snapshots are cut or not; absent: 60.',
    status: 'What has been done.',
    'status.hooks': 'A run between its first command and its last.',
    'status.hooks.scheduledTime': 'The time for which it is made.',
    'status.hooks.since': 'When it began.',
    'status.hooks.phase': 'Before, Taking or After.',
    'status.hooks.pods': 'The pods that were asked.',
    'status.hooks.pods.name': 'The name of the pod.',
    'status.hooks.pods.uid': 'Its uid: another one of the name is not asked.',
    'status.lastHookError': 'What of the commands of the last run failed.',
    'status.message': 'Why nothing is taken, or the last run was not complete.',
    'status.lastScheduleTime': 'The time for which the last run was made.',
    'status.nextScheduleTime': 'The time of the next one.',
    'status.lastSuccessfulTime': 'The time of the last run of which all snapshots are ready.',
    'status.snapshots': 'How many there are of this schedule.',
    'status.missedRuns': 'How many times nothing was taken, since there was no schedule at work, or the run before was not done.',
  },
};
