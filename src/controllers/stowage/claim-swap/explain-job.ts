import { type Explanation, type Finding, said, words, type Words } from '#api/explanation.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import type { Consumer } from './consumers.ts';

/** A job that swaps volumes of claims, as it says of itself. What it waits for, its controller has written into its status, from its own plan. */
export interface ExplainedJob extends KubeObject {
  readonly spec: { readonly decision?: 'Confirm' | 'Undo' | undefined };
  readonly status?:
    | { readonly phase?: string | undefined; readonly message?: string | undefined; readonly consumers?: readonly Consumer[] | undefined }
    | undefined;
}

/** How a kind of jobs is spoken of. */
export interface JobWords {
  /** As kubectl takes it: `vrb`. */
  readonly type: string;
  readonly kind: string;
  /** What is so while it waits for its decision. */
  readonly swapped: Words;
}

/** Why a job is as it is, and what to do. Pure. */
export function explainJob(
  object: string,
  job: ExplainedJob,
  { findings, ...of }: JobWords & { readonly findings: readonly Finding[] },
): Explanation {
  const { phase, message = '' } = job.status ?? {};
  const { name, namespace = '' } = job.metadata;
  switch (phase) {
    case 'Refused':
      return blocked(words('jobRefused', { object, why: said(message) }), findings, [words('jobMakeAnother', { kind: of.kind })]);
    case 'Confirmed':
      return fine(words('jobConfirmed', { object }), findings);
    case 'Undone':
      return fine(words('jobUndone', { object }), findings);
    case 'Swapped':
      if (job.spec.decision === undefined && !isDeleting(job))
        return { ...fine(of.swapped, findings), remedies: [words('jobDecide', { type: of.type, name, namespace })] };
      return busy(words('jobGoesOn', { object, phase }), findings);
    default:
      return explainStep(job, { object, phase: phase ?? 'Pending', type: of.type }, findings);
  }
}

function explainStep(
  { metadata: { name, namespace = '' }, spec, status }: ExplainedJob,
  { type, ...values }: { readonly object: string; readonly phase: string; readonly type: string },
  findings: readonly Finding[],
): Explanation {
  const message = status?.message;
  if (message === undefined) return busy(words('jobGoesOn', values), findings);
  // why an undo: it is what always helps, whatever it is that does not come
  const giveUp = spec.decision === 'Undo' ? [] : [words('jobGiveUp', { type, name, namespace })];
  return busy(words('jobWaits', { ...values, why: said(message) }), findings, giveUp);
}

/** Those that were stopped, as long as they are. Pure. */
export function stoppedFindings({ status }: ExplainedJob): readonly Finding[] {
  if (['Swapped', 'Confirmed', 'Undone', 'Refused'].includes(status?.phase ?? '')) return [];
  return (status?.consumers ?? []).map(({ kind, name }): Finding => ({
    subject: `${kind.toLowerCase()} ${name}`,
    words: words('jobStops'),
  }));
}
