import type { PersistentVolumeClaim, StatefulSet, StatefulSetStatus } from '#api/generated/kubernetes.ts';
import { withCondition, withoutCondition } from '#api/conditions.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { notUpdated, updated } from './events.ts';
import { type ClaimStep, type ClaimUpdatePlan, planClaimUpdates, updatesClaims } from './plan-claim-updates.ts';

/** The condition that says how far the claims of a set are behind their templates. */
const CLAIMS_UPDATED = 'VolumeClaimsUpdated';
type Condition = NonNullable<StatefulSetStatus['conditions']>[number];

/** What became of the claims of a set in one look. */
export interface ClaimUpdates {
  readonly conditions: StatefulSetStatus['conditions'];
  /** True where what stands in the way may go without a change of any claim, so that they have to be looked at again. */
  readonly isRefused: boolean;
}

/** Makes the next claim of `set` as its template is, where the set asks for it; what fails holds up the claims behind it, and nothing else. */
export async function updateClaims(ctx: Ctx, claims: Informer<PersistentVolumeClaim>, set: StatefulSet): Promise<ClaimUpdates> {
  const before = set.status?.conditions;
  if (!updatesClaims(set)) {
    const conditions = withoutCondition(before, CLAIMS_UPDATED);
    return { conditions: conditions.length === 0 ? undefined : conditions, isRefused: false };
  }
  const plan = planClaimUpdates(set, (key) => claims.get(key));
  const refusal = plan.next?.kind === 'update' ? await ask(ctx, set, plan.next) : undefined;
  const problem = plan.next?.kind === 'wait' ? plan.next.problem : refusal;
  if (plan.next !== undefined && problem !== undefined) ctx.events.record(notUpdated(effectOf(set, plan.next), problem));
  const condition = { ...conditionOf(plan, problem), lastTransitionTime: formatTime(ctx.clock.nowMs()) };
  return { conditions: withCondition<Condition>(before, condition), isRefused: refusal !== undefined };
}

/** What the API says against the change; undefined where it was made, or has to be planned anew. */
async function ask(ctx: Ctx, set: StatefulSet, step: Extract<ClaimStep, { kind: 'update' }>): Promise<string | undefined> {
  try {
    await ctx.client.patch(persistentVolumeClaims, { key: keyOf(step.claim), patch: { type: 'merge', body: step.body } });
    ctx.events.record(updated(effectOf(set, step)));
    return undefined;
  } catch (thrown) {
    if (hasCode(thrown, 'Canceled')) throw thrown;
    // why: a claim that has changed or gone meanwhile wakes the set
    return hasCode(thrown, 'NotFound', 'Aborted') ? undefined : PlatformError.from(thrown).message;
  }
}

function effectOf(set: StatefulSet, { pod, claim }: ClaimStep): { about: StatefulSet; pod: string; claim: string } {
  return { about: set, pod, claim: claim.metadata.name };
}

function conditionOf({ next, updated: count, total }: ClaimUpdatePlan, problem: string | undefined): Condition {
  const type = CLAIMS_UPDATED;
  const done = `${count} of ${total} claims are as their templates`;
  if (next === undefined) return { type, status: 'True', reason: 'ClaimsUpdated', message: done };
  const { name } = next.claim.metadata;
  return problem === undefined
    ? { type, status: 'False', reason: 'UpdatingClaim', message: `${done}; claim ${name} is changing` }
    : { type, status: 'False', reason: 'ClaimUpdateFailed', message: `${done}; claim ${name} holds up those behind it: ${problem}` };
}
