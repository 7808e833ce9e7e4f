import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';

/** Plugins: what installs one, what can be installed, and what its settings begin with. */
export const pluginExplanations: readonly ExplainedKind[] = [
  {
    type: 'moduleinfo',
    aliases: ['moduleinfoes', 'moduleinfos'],
    load: async () => (await import('#controllers/stowage/plugins/explain-plugin.ts')).infoExplainer,
  },
  {
    type: 'moduleplugin',
    aliases: ['moduleplugins', 'plugin', 'plugins'],
    load: async () => (await import('#controllers/stowage/plugins/explain-plugin.ts')).entryExplainer,
  },
  {
    type: 'moduleconfig',
    aliases: ['moduleconfigs'],
    load: async () => (await import('#controllers/stowage/plugins/explain-plugin.ts')).configExplainer,
  },
];
