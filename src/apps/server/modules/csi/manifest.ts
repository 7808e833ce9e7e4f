import type { ModuleManifest } from '../manifest.ts';
import { csiFlags, registryFlags } from './flags.ts';

/** What a driver's sidecars do on a cluster: for Stowage's drivers Stowage is the sidecar, there too. */
export const csi: ModuleManifest = {
  name: 'csi',
  needs: [],
  flags: csiFlags,
  nodeFlags: registryFlags,
  load: async () => (await import('./parts.ts')).csiParts,
};
