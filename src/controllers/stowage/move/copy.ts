import type { VolumeMove } from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { FILL_REFUSED_EXIT_CODE } from '#api/populators/fill-order.ts';
import { wait } from '../claim-swap/swap-claim.ts';
import { copyPodKey, type Phase, type Round } from './moved.ts';
import type { MovePlan } from './plan-kinds.ts';
import type { MoveView } from './view.ts';

/** How soon a copy that failed is begun again where it was, in milliseconds. */
const AGAIN_MS = 10_000;

/** A copy of what differs, by a pod; then `next`. Each step is read from the pod, and one that is gone is made anew: it copies only what is not there yet. Pure. */
export function planCopy(
  move: VolumeMove,
  view: MoveView,
  { round, next, nowMs }: { readonly round: Round; readonly next: Phase; readonly nowMs: number },
): MovePlan {
  const pod = view.copyPod(round);
  if (pod === undefined) return { kind: 'createPod', round };
  if (isDeleting(pod)) return wait('an earlier pod that copied is on its way out');
  // why before anything else of it: without that, the next one had to copy all again
  const began = noteBegin(move, pod);
  if (began !== undefined) return began;
  if (pod.status?.phase === 'Succeeded') return { kind: 'record', status: { phase: next, copy: { percent: 100 } } };
  return pod.status?.phase === 'Failed' ? planFailed(pod, nowMs) : { kind: 'watch', pod };
}

function noteBegin({ status }: VolumeMove, pod: Pod): MovePlan | undefined {
  const sinceSeconds = beganSec(pod);
  if (sinceSeconds === undefined || status?.copy?.sinceSeconds !== undefined) return undefined;
  return { kind: 'record', status: { phase: status?.phase ?? 'Copying', copy: { sinceSeconds } } };
}

/** What does not fit goes back; all else is tried again. */
function planFailed(pod: Pod, nowMs: number): MovePlan {
  const { exitCode, finishedAt = pod.metadata.creationTimestamp } = terminatedOf(pod) ?? {};
  const problem = problemOf(pod);
  if (exitCode === FILL_REFUSED_EXIT_CODE) return { kind: 'record', status: { phase: 'UndoSwapping', problem } };
  if (nowMs < Date.parse(finishedAt) + AGAIN_MS) return wait(`the copy failed, and goes on in a moment: ${problem}`);
  return { kind: 'deletePod', pod };
}

/** The pods that have copied go as soon as they have; undefined when none is left. Pure. */
export function dropPods(move: VolumeMove, view: MoveView): MovePlan | undefined {
  for (const round of ['first', 'last'] as const) {
    const pod = view.copyPod(round);
    if (pod === undefined) continue;
    return isDeleting(pod) ? wait(`pod ${copyPodKey(move, round).name} ends`) : { kind: 'deletePod', pod };
  }
  return undefined;
}

function problemOf(pod: Pod): string {
  const texts = [terminatedOf(pod), pod.status].flatMap((place) => [place?.message ?? '', place?.reason ?? '']);
  return (texts.find((text) => text !== '') ?? 'its pod failed').trim();
}

function terminatedOf({ status }: Pod) {
  return status?.containerStatuses?.[0]?.state?.terminated;
}

/** When it began to copy, in seconds since 1970; undefined where it has not. */
function beganSec({ status }: Pod): number | undefined {
  const state = status?.containerStatuses?.[0]?.state;
  const startedAt = state?.running?.startedAt ?? state?.terminated?.startedAt;
  const beganMs = startedAt === undefined ? Number.NaN : Date.parse(startedAt);
  return Number.isNaN(beganMs) || beganMs <= 0 ? undefined : Math.floor(beganMs / 1_000);
}
