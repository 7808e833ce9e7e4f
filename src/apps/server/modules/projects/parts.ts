import { PROJECT_REASONS } from '#api/reasons/projects.ts';
import { part } from '#controllers/component.ts';
import { allocationAdmission } from '#controllers/stowage/projects/allocation-admission.ts';
import { createAllocationPolicyController } from '#controllers/stowage/projects/allocation-policy-controller.ts';
import type { ModuleParts } from '../module.ts';

/** What the module projects is at work with. */
export const projectsParts: ModuleParts = {
  reasons: [PROJECT_REASONS],
  admission: () => [allocationAdmission],
  controllers: ({ informers, api }) => ({
    // why only on a cluster: an API server of our own asks the plugin
    always: api === undefined ? [part('stowage-projects', createAllocationPolicyController({ informers }))] : [],
  }),
};
