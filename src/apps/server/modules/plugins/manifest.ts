import { definitionsFrom } from '../definitions-from.ts';
import type { ModuleManifest } from '../manifest.ts';

/** What can be installed: the kinds. */
export const plugins: ModuleManifest = { name: 'plugins', needs: [], load: definitionsFrom('cluster.alauda.io') };
