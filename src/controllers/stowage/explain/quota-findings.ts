import { type Finding, words } from '#api/explanation.ts';
import type { Cluster } from './cluster.ts';

/** Limits of the namespace's quotas that are used up, of the resources that count: they refuse the next object, and growth. Pure. */
export function quotaFindings({ quotas }: Cluster, counts: (resource: string) => boolean): readonly Finding[] {
  return quotas.flatMap(({ metadata, status }) =>
    Object.entries(status?.hard ?? {}).flatMap(([resource, hard]) => {
      const used = status?.used?.[resource];
      return used === hard && counts(resource)
        ? [{ subject: `resourcequota ${metadata.name}`, words: words('quotaUsedUp', { resource, used, hard }) }]
        : [];
    }),
  );
}
