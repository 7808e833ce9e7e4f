import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type ComponentController, part } from '../component.ts';
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
    part('replicaset-controller', createReplicaSetController(parts)),
    part('replication-controller', createReplicationControllerController(parts)),
    part('deployment-controller', createDeploymentController(parts)),
    part('statefulset-controller', createStatefulSetController(parts)),
    part('daemonset-controller', createDaemonSetController(parts)),
    part('job-controller', createJobController(parts)),
    part('cronjob-controller', createCronJobController(parts)),
  ];
}
