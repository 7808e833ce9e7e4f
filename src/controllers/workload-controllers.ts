import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import type { ComponentController } from './component.ts';
import { anyController } from './trigger.ts';
import { createCronJobController } from './workloads/cron-job/controller.ts';
import { createDaemonSetController } from './workloads/daemon-set/controller.ts';
import { createDeploymentController } from './workloads/deployment/controller.ts';
import { createJobController } from './workloads/job/controller.ts';
import { createReplicaSetController } from './workloads/replica-set/controller.ts';
import { createReplicationControllerController } from './workloads/replication-controller/controller.ts';
import { createStatefulSetController } from './workloads/stateful-set/controller.ts';
import { createWorkloadParts } from './workloads/workload-parts.ts';

/** Every controller that makes pods from templates, each once. */
export function createWorkloadControllers({ informers }: { readonly informers: InformerFactory }): readonly ComponentController[] {
  const parts = createWorkloadParts(informers);
  return [
    { component: 'replicaset-controller', controller: anyController(createReplicaSetController(parts)) },
    { component: 'replication-controller', controller: anyController(createReplicationControllerController(parts)) },
    { component: 'deployment-controller', controller: anyController(createDeploymentController(parts)) },
    { component: 'statefulset-controller', controller: anyController(createStatefulSetController(parts)) },
    { component: 'daemonset-controller', controller: anyController(createDaemonSetController(parts)) },
    { component: 'job-controller', controller: anyController(createJobController(parts)) },
    { component: 'cronjob-controller', controller: anyController(createCronJobController(parts)) },
  ];
}
