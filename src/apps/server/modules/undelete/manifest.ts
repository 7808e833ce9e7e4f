import type { ModuleManifest } from '../manifest.ts';

/** The undo of a claim's deletion: its volume is kept for a time, and given back. */
export const undelete: ModuleManifest = {
  name: 'undelete',
  needs: ['csi'],
  verbs: [
    {
      name: 'undelete',
      summary: 'bring deleted claims back with their data, list what waits, or let it go',
      load: async () => (await import('../../../cli/undelete/undelete.ts')).undelete,
    },
  ],
  load: async () => (await import('./parts.ts')).undeleteParts,
};
