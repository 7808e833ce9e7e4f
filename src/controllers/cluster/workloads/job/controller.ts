import type { Job, Pod } from '#api/generated/kubernetes.ts';
import { formatKey } from '#api/meta/object.ts';
import { jobs, pods } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { controllerOf, keysOfOwners, SELECTOR_INDEXES } from '../owners.ts';
import type { WorkloadParts } from '../workload-parts.ts';
import { isTracked } from './plan.ts';
import { reconcileGoneJob, reconcileJob } from './reconcile.ts';

/** Jobs that are worked on at a time. */
const CONCURRENCY = 8;

/** How the pods of a job are found that wait to be counted, also when the job is gone. One that no job owns any more waits under its own name. */
const JOB_INDEX = {
  job: (pod: Pod): readonly string[] => {
    if (!isTracked(pod)) return [];
    const owner = controllerOf(pod.metadata);
    const name = owner?.kind === jobs.kind ? owner.name : pod.metadata.name;
    return [formatKey({ namespace: pod.metadata.namespace ?? '', name })];
  },
} as const;

/** Runs pods to their end (kube-controller-manager's `job` and `ttl-after-finished` controllers). */
export function createJobController(parts: WorkloadParts): Controller<Job> {
  const informer = parts.informers.for(jobs, SELECTOR_INDEXES);
  parts.informers.for(pods, JOB_INDEX);
  return {
    name: 'job',
    resource: jobs,
    informer,
    triggers: [trigger(parts.pods, (pod, previous) => [...keysOfOwners(informer, pod, previous), ...JOB_INDEX.job(pod)])],
    concurrency: CONCURRENCY,
    reconcile: (ctx, job) => reconcileJob(ctx, parts, job),
    reconcileGone: (ctx, key) => reconcileGoneJob(ctx, parts, key),
  };
}
