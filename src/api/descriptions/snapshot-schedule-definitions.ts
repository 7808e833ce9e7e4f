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
    status: 'What has been done.',
    'status.message': 'Why nothing is taken, or the last run was not complete.',
    'status.lastScheduleTime': 'The time for which the last run was made.',
    'status.nextScheduleTime': 'The time of the next one.',
    'status.lastSuccessfulTime': 'The time of the last run of which all snapshots are ready.',
    'status.snapshots': 'How many there are of this schedule.',
    'status.missedRuns': 'How many times nothing was taken, since there was no schedule at work, or the run before was not done.',
  },
};
