import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';

/** Snapshots, what they are at their drivers, groups and schedules of them, the way back to them, and moves of claims. */
export const snapshotExplanations: readonly ExplainedKind[] = [
  {
    type: 'volumesnapshot',
    aliases: ['volumesnapshots', 'vs'],
    load: async () => (await import('#controllers/stowage/snapshots/explain-snapshot.ts')).snapshotExplainer,
  },
  {
    type: 'volumesnapshotcontent',
    aliases: ['volumesnapshotcontents', 'vsc', 'vscs'],
    load: async () => (await import('#controllers/stowage/snapshots/explain-content.ts')).contentExplainer,
  },
  {
    type: 'volumegroupsnapshot',
    aliases: ['volumegroupsnapshots', 'vgs'],
    load: async () => (await import('#controllers/stowage/snapshots/explain-group.ts')).groupExplainer,
  },
  {
    type: 'volumerollback',
    aliases: ['volumerollbacks', 'vrb'],
    load: async () => (await import('#controllers/stowage/rollback/explain-rollback.ts')).rollbackExplainer,
  },
  {
    type: 'volumemove',
    aliases: ['volumemoves', 'vmv'],
    load: async () => (await import('#controllers/stowage/move/explain-move.ts')).moveExplainer,
  },
  {
    type: 'snapshotschedule',
    aliases: ['snapshotschedules'],
    load: async () => (await import('#controllers/stowage/snapshot-schedule/explain-schedule.ts')).scheduleExplainer,
  },
];
