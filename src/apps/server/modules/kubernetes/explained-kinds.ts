import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';

/** Claims. */
export const explainedClaims: ExplainedKind = {
  type: 'pvc',
  aliases: ['persistentvolumeclaim', 'persistentvolumeclaims'],
  load: async () => (await import('#controllers/stowage/explain/explainers.ts')).claimExplainer,
};

/** What it takes to run pods, and why it is not there. */
export const kubernetesExplanations: readonly ExplainedKind[] = [
  explainedClaims,
  {
    type: 'pod',
    aliases: ['pods', 'po'],
    load: async () => (await import('#controllers/stowage/explain/explainers.ts')).podExplainer,
  },
  {
    type: 'node',
    aliases: ['nodes', 'no'],
    load: async () => (await import('#controllers/stowage/explain/explainers.ts')).nodeExplainer,
  },
  {
    type: 'ns',
    aliases: ['namespace', 'namespaces'],
    asked: 'namespace',
    load: async () => (await import('#controllers/stowage/explain/explainers.ts')).namespaceExplainer,
  },
];
