import { findCondition } from '#api/conditions.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKeyOf, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, POD_INDEXES } from '../../indexes.ts';
import type { ProtectionDeps } from './controller.ts';
import { planUsage, UNUSED, usesClaims } from './plan-usage.ts';

const CONCURRENCY = 16;

/** Says of each claim whether a pod uses it, and since when none does. */
export function createClaimUsageController({ informers }: ProtectionDeps): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  const podInformer = informers.for(pods, POD_INDEXES);
  return {
    name: 'claim-usage',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(podInformer, (pod, previous) =>
        previous !== undefined && usesClaims(pod) === usesClaims(previous) ? [] : claimKeysOfPod(pod),
      ),
    ],
    concurrency: CONCURRENCY,
    // why: pods wake a claim; by itself only one changes that was in use, while nobody looked
    concerns: ({ status }) => findCondition(status?.conditions, UNUSED)?.status === 'False',
    reconcile: async ({ client, clock }, claim) => {
      const isUsed = podInformer.byIndex('claim', formatKeyOf(claim)).some(usesClaims);
      const conditions = planUsage(claim, { isUsed, nowMs: clock.nowMs() });
      if (conditions === undefined) return done;
      const { uid, resourceVersion } = claim.metadata;
      // why the version: lists are replaced as a whole
      const body = { metadata: { uid, resourceVersion }, status: { conditions } };
      try {
        await client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
      } catch (thrown) {
        if (!hasCode(thrown, 'NotFound')) throw thrown;
      }
      return done;
    },
  };
}
