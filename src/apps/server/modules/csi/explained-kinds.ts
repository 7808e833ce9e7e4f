import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';

/** What drivers make volumes by, and the volumes. */
export const csiExplanations: readonly ExplainedKind[] = [
  {
    type: 'pv',
    aliases: ['persistentvolume', 'persistentvolumes'],
    load: async () => (await import('#controllers/stowage/explain/explainers.ts')).volumeExplainer,
  },
  {
    type: 'sc',
    aliases: ['storageclass', 'storageclasses'],
    asked: 'storageclass',
    load: async () => (await import('#controllers/stowage/explain/explainers.ts')).classExplainer,
  },
];
