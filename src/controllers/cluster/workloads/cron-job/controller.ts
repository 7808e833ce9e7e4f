import type { CronJob } from '#api/generated/kubernetes.ts';
import { formatKey } from '#api/meta/object.ts';
import { cronJobs, jobs } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { controllerOf, OWNED_INDEXES } from '../owners.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { reconcileCronJob } from './reconcile.ts';

/** CronJobs that are worked on at a time. */
const CONCURRENCY = 5;

/** Starts jobs by the clock (kube-controller-manager's `cronjob` controller). */
export function createCronJobController({ informers }: WorkloadParts): Controller<CronJob> {
  const owned = informers.for(jobs, OWNED_INDEXES);
  return {
    name: 'cron-job',
    resource: cronJobs,
    informer: informers.for(cronJobs),
    triggers: [
      trigger(owned, ({ metadata }) => {
        const owner = controllerOf(metadata);
        return owner?.kind === cronJobs.kind ? [formatKey({ namespace: metadata.namespace ?? '', name: owner.name })] : [];
      }),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, cronJob) => reconcileCronJob(ctx, owned, cronJob),
  };
}
