import type { ResourceQuota } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { resourceQuotas } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { gatherChanges, type QuotaUsageSource, TELL_MS } from './quota-usage.ts';

const CONCURRENCY = 2;

/** Keeps the status of quotas: what is used of what. Only for the embedded API: a cluster has its own. */
export function createQuotaController({
  informers,
  usage,
  clock,
}: {
  readonly informers: InformerFactory;
  readonly usage: QuotaUsageSource;
  readonly clock: Clock;
}): Controller<ResourceQuota> {
  return {
    name: 'quota',
    resource: resourceQuotas,
    informer: informers.for(resourceQuotas),
    triggers: [],
    wakeUps: (add) => gatherChanges({ usage, clock }, add),
    concurrency: CONCURRENCY,
    reconcile: (ctx, quota) => reconcileQuota(ctx, usage, quota),
  };
}

async function reconcileQuota(ctx: Ctx, usage: QuotaUsageSource, quota: ResourceQuota): Promise<Outcome> {
  if (quota.metadata.deletionTimestamp !== undefined) return done;
  const used = usage.usedOf(keyOf(quota));
  if (used === undefined) return after(TELL_MS, 'waiting for the usage of the quota to be counted');
  const status = { hard: quota.spec.hard ?? {}, used };
  if (!deepEqual(status, quota.status)) await ctx.client.update(resourceQuotas, { ...quota, status }, { subresource: 'status' });
  return done;
}
