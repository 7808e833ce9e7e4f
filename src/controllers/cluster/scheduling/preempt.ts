import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { deletePod, markDisrupted } from '../pod-removal/disrupt-pod.ts';
import { LEFT_BY_POD } from './blocked-pods.ts';
import { preempted } from './events.ts';
import { PREEMPTION_REASON, type Preemption } from './preemption.ts';
import type { SchedulingParts } from './scheduling-parts.ts';

const MARK = { reason: PREEMPTION_REASON, message: 'default-scheduler: preempting to accommodate a higher priority pod' };

/**
 * Makes room for `pod`. The node is nominated first: a crash in between leaves a pod that looks again, never one whose room went to another.
 * A pod of lower priority that is only on its way to the node stays, and looks for another.
 */
export async function makeRoom(
  ctx: Ctx,
  parts: SchedulingParts,
  { pod, node, victims }: { readonly pod: Pod } & Preemption,
): Promise<void> {
  // why: it may have gone while others wrote, and nobody would take its nomination back
  if (parts.pods.get(keyOf(pod))?.metadata.uid !== pod.metadata.uid) return;
  const nodeName = node.metadata.name;
  parts.nominations.put({ ...pod, status: { ...pod.status, nominatedNodeName: nodeName } });
  const [placed, onTheirWay] = [victims.filter(isBound), victims.filter((victim) => !isBound(victim))];
  for (const { metadata } of onTheirWay) parts.ledger.withdraw(metadata.uid);
  // why: what they were to have is free for others
  if (onTheirWay.length > 0) parts.blocked.wake(...LEFT_BY_POD);
  try {
    await nominate(ctx, pod, nodeName);
  } catch (thrown) {
    parts.nominations.remove(pod.metadata.uid);
    throw thrown;
  }
  const staying = placed.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  // why all before the first failure counts: one that can't be told to leave now keeps no other from leaving
  const told = await Promise.allSettled(staying.map((victim) => tellToLeave(ctx, { victim, pod, nodeName })));
  for (const one of told) if (one.status === 'rejected') throw one.reason;
}

async function tellToLeave(
  ctx: Ctx,
  { victim, pod, nodeName }: { readonly victim: Pod; readonly pod: Pod; readonly nodeName: string },
): Promise<void> {
  const marked = await markDisrupted(ctx, victim, MARK);
  if (marked === undefined) return;
  await deletePod(ctx, marked, 'gracefully');
  ctx.events.record(preempted(victim, pod, nodeName));
}

/** Says in the pod's status for which node others leave; null where none do. Written only when that changes. */
export async function nominate(ctx: Ctx, pod: Pod, nodeName: string | null): Promise<void> {
  if ((pod.status?.nominatedNodeName ?? null) === nodeName) return;
  const body = { metadata: { uid: pod.metadata.uid }, status: { nominatedNodeName: nodeName } };
  await ctx.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
}

function isBound({ spec }: Pod): boolean {
  return (spec.nodeName ?? '') !== '';
}
