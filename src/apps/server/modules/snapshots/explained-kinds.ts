import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';

/** Snapshots, what they are at their drivers, and groups of them. */
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
];
