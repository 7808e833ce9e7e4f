import type { PersistentVolumeClaim, Pod, Volume } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, POD_INDEXES } from '../../indexes.ts';
import { ephemeralClaimName, ephemeralVolumesOf, planEphemeral } from './plan.ts';

/** Pods that are looked at a time (kube-controller-manager's `--concurrent-ephemeralvolume-syncs`). */
const CONCURRENCY = 5;
/** What a person has to mend is looked at this often, beside the wake-ups by what changes. */
const MENDING_POLL_MS = 60_000;

/** Makes the claims of pods' generic ephemeral volumes. */
export function createEphemeralController({ informers }: { readonly informers: InformerFactory }): Controller<Pod> {
  const podInformer = informers.for(pods, POD_INDEXES);
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  return {
    name: 'ephemeral',
    resource: pods,
    informer: podInformer,
    // why: a claim that stood in the way, or that somebody deleted, may be gone now
    triggers: [trigger(claims, (claim) => podInformer.byIndex('claim', formatKey(keyOf(claim))).map((pod) => formatKey(keyOf(pod))))],
    concurrency: CONCURRENCY,
    reconcile: (ctx, pod) => reconcileEphemeral(ctx, claims, pod),
  };
}

async function reconcileEphemeral(ctx: Ctx, claims: Informer<PersistentVolumeClaim>, pod: Pod): Promise<Outcome> {
  let outcome: Outcome = done;
  for (const volume of ephemeralVolumesOf(pod)) {
    const problem = await ensureClaim(ctx, claims, { pod, volume });
    if (problem === undefined) continue;
    const message = `ephemeral volume ${volume.name}: ${problem}`;
    ctx.events.record({ about: pod, type: 'Warning', reason: 'FailedBinding', message });
    outcome = after(MENDING_POLL_MS, message);
  }
  return outcome;
}

/** Answers why the claim can't be there, for the user; undefined where it is. */
async function ensureClaim(
  ctx: Ctx,
  claims: Informer<PersistentVolumeClaim>,
  { pod, volume }: { readonly pod: Pod; readonly volume: Volume },
): Promise<string | undefined> {
  const namespace = pod.metadata.namespace ?? '';
  const plan = planEphemeral(pod, volume, claims.get({ namespace, name: ephemeralClaimName(pod, volume) }));
  if (plan.kind === 'leave') return undefined;
  if (plan.kind === 'conflict') {
    const [claim, owner] = [`${namespace}/${plan.claimName}`, formatKey(keyOf(pod))].map((text) => JSON.stringify(text));
    return `PVC ${claim} was not created for pod ${owner} (pod is not owner): delete or rename the claim, or rename the pod`;
  }
  try {
    await ctx.client.create(persistentVolumeClaims, plan.draft);
    return undefined;
  } catch (thrown) {
    // why: it came a moment ago; the informer will show whose it is
    if (hasCode(thrown, 'AlreadyExists')) return undefined;
    if (hasCode(thrown, 'PermissionDenied', 'FailedPrecondition', 'InvalidArgument')) return PlatformError.from(thrown).message;
    throw thrown;
  }
}
