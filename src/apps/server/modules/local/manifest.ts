import type { ModuleManifest } from '../manifest.ts';
import { localFlags } from './flags.ts';

/** Volumes of this machine's own disk: the driver `local.stowage.dev` on each node, and its classes. */
export const local: ModuleManifest = {
  name: 'local',
  needs: ['csi'],
  flags: localFlags,
  nodeFlags: localFlags,
  load: async () => (await import('./parts.ts')).localParts,
};
