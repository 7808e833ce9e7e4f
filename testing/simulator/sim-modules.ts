import { serverConfig } from '#apps/server/config.ts';
import { loadModules } from '#apps/server/modules/manifest.ts';
import { MODULES } from '#apps/server/modules/modules.ts';
import { parseConfig } from '#kit/config.ts';

/** The modules of a platform; loaded before the clock of a simulation is looked at. */
export const SIM_MODULES = await loadModules(MODULES);

/** What their flags say. */
export const SIM_CONFIG = parseConfig(serverConfig, { argv: ['--no-demo'], env: {} });
