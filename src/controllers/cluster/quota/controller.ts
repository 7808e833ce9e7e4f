import type { ResourceQuota } from '#api/generated/kubernetes.ts';
import { keyOf, type ObjectKey } from '#api/meta/object.ts';
import { resourceQuotas } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';

/** Who knows what is used of quotas: the API server that admits objects. */
export interface QuotaUsageSource {
  /** Undefined for a quota that it does not know yet. */
  usedOf(key: ObjectKey): Readonly<Record<string, string>> | undefined;
  /** Tells of each quota whose usage changed; answers a disposer. */
  onChange(listener: (key: string) => void): () => void;
}

/** Usage that changes often is told at most this often, in milliseconds. */
const TELL_MS = 100;
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

function gatherChanges(
  { usage, clock }: { readonly usage: QuotaUsageSource; readonly clock: Clock },
  add: (key: string) => void,
): () => void {
  const changed = new Set<string>();
  const stop = usage.onChange((key) => {
    if (changed.size === 0) {
      clock.after(TELL_MS, () => {
        const keys = [...changed];
        changed.clear();
        keys.forEach(add);
      });
    }
    changed.add(key);
  });
  return () => {
    stop();
    changed.clear();
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
