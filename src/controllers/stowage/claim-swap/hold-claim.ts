import { volumeMoves, volumeRollbacks } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { type KubeObject, keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { SwapStep } from './swap-claim.ts';

/** On a claim: the job that alone may give it another volume, as `kind/namespace/name/uid`. */
export const HELD_BY = 'volumes.stowage.dev/held-by';

/** Kinds of jobs that hold claims, with the verb that decides them. */
const JOBS: ReadonlyMap<string, { readonly resource: Resource; readonly verb: string }> = new Map([
  [volumeRollbacks.kind, { resource: volumeRollbacks, verb: 'rollback' }],
  [volumeMoves.kind, { resource: volumeMoves, verb: 'move' }],
]);
/** Phases in which a job is at its end, of all kinds. */
const FINAL: ReadonlySet<unknown> = new Set(['Confirmed', 'Undone', 'Refused']);

/** What stands on a claim that `job` holds. */
export function holderText({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): string {
  return [kind, metadata.namespace ?? '', metadata.name, metadata.uid].join('/');
}

/** True where the job holds the claim. */
export function isHeldBy(claim: PersistentVolumeClaim, job: KubeObject): boolean {
  return claim.metadata.annotations?.[HELD_BY] === holderText(job);
}

/**
 * Takes the claim for `job`: one write that is refused where somebody else was quicker, so that of two at the same moment one alone begins.
 * A holder that is gone or at its end has lost it. Answers who else has it, in words; undefined = it is the job's.
 */
export async function holdClaim(ctx: Pick<Ctx, 'client'>, claim: PersistentVolumeClaim, job: KubeObject): Promise<string | undefined> {
  const held = claim.metadata.annotations?.[HELD_BY];
  if (held === holderText(job)) return undefined;
  const other = held === undefined ? undefined : await openHolder(ctx, held);
  if (other !== undefined) {
    const [name, decide] = [claim.metadata.name, `stowage ${other.verb} pvc/${claim.metadata.name}`];
    return `claim ${JSON.stringify(name)} is in the hands of ${other.kind} ${other.name}, which is neither confirmed nor undone: ${decide} --confirm (or --undo) first`;
  }
  const body = { metadata: { resourceVersion: claim.metadata.resourceVersion, annotations: { [HELD_BY]: holderText(job) } } };
  await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
  return undefined;
}

/** The next write by which `job` lets claims go; undefined when it holds none of them. Pure. */
export function letGo(claims: readonly (PersistentVolumeClaim | undefined)[], job: KubeObject): SwapStep | undefined {
  for (const claim of claims)
    if (claim !== undefined && !isDeleting(claim) && isHeldBy(claim, job))
      return { kind: 'patchClaim', claim, body: { metadata: { annotations: { [HELD_BY]: null } } } };
  return undefined;
}

interface OpenHolder {
  readonly kind: string;
  readonly name: string;
  readonly verb: string;
}

// why asked and not looked up: what informers have seen may be older than what another job has written
async function openHolder(ctx: Pick<Ctx, 'client'>, text: string): Promise<OpenHolder | undefined> {
  const [kind = '', namespace = '', name = '', uid = ''] = text.split('/');
  const job = JOBS.get(kind);
  if (job === undefined) return undefined;
  try {
    const object = await ctx.client.get(job.resource, { namespace, name });
    const status = trusted<Readonly<Record<string, unknown>>>(object)['status'];
    const isOver = isRecord(status) && FINAL.has(status['phase']);
    return object.metadata.uid === uid && !isOver ? { kind, name, verb: job.verb } : undefined;
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}
