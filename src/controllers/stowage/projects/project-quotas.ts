import { type Project, projects } from '#api/generated/definitions.ts';
import type { ResourceQuotaSpec } from '#api/generated/kubernetes.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { PROJECT_LABEL } from '#api/projects/allocation.ts';

/**
 * What a project limits, over all its namespaces together (rancher#49863). Has the shape of the API server's QuotaKind without importing it,
 * so that controllers stay clear of the server.
 */
export const PROJECT_QUOTAS = {
  resource: projects,
  specOf: ({ spec }: Project): ResourceQuotaSpec => {
    const hard = Object.entries(spec?.storageQuota?.hard ?? {});
    return hard.length === 0 ? {} : { hard: Object.fromEntries(hard.map(([name, amount]) => [name, String(amount)])) };
  },
  scopeOf: ({ name }: ObjectKey): string => name,
  scopeOfNamespace: (labels: Readonly<Record<string, string>>): string | undefined => {
    const project = labels[PROJECT_LABEL] ?? '';
    return project === '' ? undefined : project;
  },
};
