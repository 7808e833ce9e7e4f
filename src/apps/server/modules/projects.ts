import { PROJECT_REASONS } from '#api/reasons/projects.ts';
import { part } from '#controllers/component.ts';
import { allocationAdmission } from '#controllers/stowage/projects/allocation-admission.ts';
import { createAllocationPolicyController } from '#controllers/stowage/projects/allocation-policy-controller.ts';
import type { Module } from './module.ts';

/** Projects: which namespaces may use which classes. */
export const projects: Module = {
  name: 'projects',
  needs: [],
  reasons: [PROJECT_REASONS],
  admission: () => [allocationAdmission],
  controllers: ({ informers, api }) => ({
    // why only on a cluster: an API server of our own asks the plugin
    always: api === undefined ? [part('stowage-projects', createAllocationPolicyController({ informers }))] : [],
  }),
};
