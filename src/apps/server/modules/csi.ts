import { CSI_REASONS } from '#api/reasons/csi.ts';
import { createCsiControllers } from '#controllers/csi/csi-controllers.ts';
import type { Module } from './module.ts';

/** What a driver's sidecars do on a cluster: for Stowage's drivers Stowage is the sidecar, there too. */
export const csi: Module = {
  name: 'csi',
  needs: [],
  reasons: [CSI_REASONS],
  controllers: ({ driverTimeoutMs: timeoutMs, ...deps }) => ({ always: createCsiControllers({ ...deps, timeoutMs }) }),
};
