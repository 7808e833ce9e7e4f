import type { ModuleManifest } from '../manifest.ts';
import { csiExplanations } from './explained-kinds.ts';
import { csiFlags, registryFlags } from './flags.ts';

/** What a driver's sidecars do on a cluster: for Stowage's drivers Stowage is the sidecar, there too. */
export const csi: ModuleManifest = {
  name: 'csi',
  needs: [],
  flags: csiFlags,
  nodeFlags: registryFlags,
  verbs: [
    {
      name: 'recover',
      summary: 'take a claim whose growth failed back to the size that it has',
      load: async () => (await import('../../../cli/recover.ts')).recover,
    },
    {
      name: 'driver',
      summary: 'see and connect CSI drivers',
      load: async (modules) => (await import('../../../cli/driver/driver.ts')).driverVerb(modules),
    },
  ],
  explanations: csiExplanations,
  load: async () => (await import('./parts.ts')).csiParts,
};
