import type { ModuleManifest } from '../manifest.ts';
import { demoFlags } from './flags.ts';

/** The sample application. */
export const demo: ModuleManifest = {
  name: 'demo',
  needs: ['kubernetes', 'local'],
  flags: demoFlags,
  load: async () => (await import('./parts.ts')).demoParts,
};
