import { type Project, projects } from '#api/generated/definitions.ts';
import type { Namespace } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { PROJECT_LABEL } from '#api/projects/allocation.ts';
import { namespaces } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { gatherChanges, type QuotaUsageSource, TELL_MS } from '../../cluster/quota/quota-usage.ts';
import { PROJECT_QUOTAS } from './project-quotas.ts';

/** What the status of projects is made from. */
export interface ProjectStatusDeps {
  readonly informers: InformerFactory;
  readonly clock: Clock;
  /** Absent where nobody counts: on a cluster. */
  readonly usage: QuotaUsageSource | undefined;
}

const PROJECT_INDEX = { project: ({ metadata }: Namespace): readonly string[] => projectNames(metadata.labels?.[PROJECT_LABEL]) };

/** Says of each project which namespaces are in it, and what of its quota is used. */
export function createProjectStatusController({ informers, clock, usage }: ProjectStatusDeps): Controller<Project> {
  const members = informers.for(namespaces, PROJECT_INDEX);
  return {
    name: 'project-status',
    resource: projects,
    informer: informers.for(projects),
    triggers: [
      trigger(members, (now, before) =>
        [...PROJECT_INDEX.project(now), ...(before === undefined ? [] : PROJECT_INDEX.project(before))].map((name) =>
          formatKey({ namespace: '', name }),
        ),
      ),
    ],
    wakeUps: (add) => (usage === undefined ? () => {} : gatherChanges({ usage, clock }, add)),
    concurrency: 1,
    reconcile: async ({ client }, project) => {
      if (project.metadata.deletionTimestamp !== undefined) return done;
      const { hard } = PROJECT_QUOTAS.specOf(project);
      const used = hard === undefined ? undefined : usage?.usedOf(keyOf(project));
      if (hard !== undefined && usage !== undefined && used === undefined) return after(TELL_MS, 'waiting for the usage to be counted');
      const inIt = members.byIndex('project', project.metadata.name).map(({ metadata }) => metadata.name);
      const status = { namespaces: inIt.toSorted(), ...(hard === undefined || used === undefined ? {} : { hard, used }) };
      if (!deepEqual(status, project.status)) await client.update(projects, { ...project, status }, { subresource: 'status' });
      return done;
    },
  };
}

function projectNames(project: string | undefined): readonly string[] {
  return project === undefined || project === '' ? [] : [project];
}
