import { definitionsOf } from '#api/definitions/brought-along.ts';
import { projects } from '#api/generated/definitions.ts';
import { PROJECT_REASONS } from '#api/reasons/projects.ts';
import { type ComponentController, part } from '#controllers/component.ts';
import { allocatedClasses } from '#controllers/stowage/projects/allocated-classes.ts';
import { allocationAdmission } from '#controllers/stowage/projects/allocation-admission.ts';
import { createAllocationPolicyController } from '#controllers/stowage/projects/allocation-policy-controller.ts';
import { createDefaultClassPolicyController } from '#controllers/stowage/projects/default-class-policy-controller.ts';
import { projectDefaultClass } from '#controllers/stowage/projects/default-class.ts';
import { PROJECT_QUOTAS } from '#controllers/stowage/projects/project-quotas.ts';
import { createProjectStatusController } from '#controllers/stowage/projects/status-controller.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { ModuleParts } from '../module.ts';

/** What the module projects is at work with. */
export const projectsParts: ModuleParts = {
  reasons: [PROJECT_REASONS],
  definitions: () => definitionsOf('stowage.dev'),
  uses: allocatedClasses,
  admission: () => [projectDefaultClass, allocationAdmission],
  quotas: [{ kind: PROJECT_QUOTAS, words: { name: 'ProjectQuota', quota: 'quota of project' } }],
  controllerNames: ['project-status'],
  controllers: ({ informers, clock, api }) => ({
    always: [
      part('stowage-projects', createProjectStatusController({ informers, clock, usage: api?.quotaUsage(projects) })),
      // why only on a cluster: an API server of our own asks the plugin
      ...(api === undefined ? policiesOfCluster(informers) : []),
    ],
  }),
};

function policiesOfCluster(informers: InformerFactory): readonly ComponentController[] {
  return [
    part('stowage-projects', createAllocationPolicyController({ informers })),
    part('stowage-projects', createDefaultClassPolicyController({ informers })),
  ];
}
