import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumes, pods } from '#api/resources.ts';
import { BOUND_BY_CONTROLLER } from '#api/storage/names.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import * as say from './events.ts';
import type { ScrubSource } from './recyclable.ts';
import { deadlineSecOf, isRecyclerOf, recyclerDraft, recyclerKeyOf, recyclerProblem } from './recycler-pod.ts';

/** A recycler is looked at this often, beside the wake-ups by its changes. */
const POLL_MS = 30_000;

/** A volume to empty. */
export interface Recycling {
  readonly volume: PersistentVolume;
  readonly source: ScrubSource;
  /** How the phase Failed is written. */
  readonly fail: (event: EventDraft) => Promise<void>;
}

/** Brings the emptying of one volume a step further: pod, its end, the volume free again, pod away. Each step is read from the objects, so a stop between any two is nothing special. */
export async function recycle(ctx: Ctx, recyclers: Informer<Pod>, step: Recycling): Promise<Outcome> {
  const { volume } = step;
  const pod = recyclers.get(recyclerKeyOf(volume));
  if (pod === undefined) return start(ctx, step);
  if (!isRecyclerOf(pod, volume)) {
    await deletePod(ctx, pod);
    return after(POLL_MS, 'waiting until the recycler of an earlier claim is gone');
  }
  if (pod.status?.phase === 'Succeeded') {
    await release(ctx, volume);
    ctx.events.record(say.recycled(volume));
    await deletePod(ctx, pod);
    return done;
  }
  const isLate = ctx.clock.nowMs() > Date.parse(pod.metadata.creationTimestamp) + deadlineSecOf(volume) * 1000;
  if (pod.status?.phase !== 'Failed' && !isLate) return after(POLL_MS, 'waiting for the recycler pod');
  const state = isLate ? `was not done within ${deadlineSecOf(volume)} s` : 'failed';
  await step.fail(say.recycleFailed(volume, `Recycle failed: the pod ${pod.metadata.name} ${state}: ${recyclerProblem(pod)}`));
  await deletePod(ctx, pod);
  return done;
}

/** Removes what is left of recyclers of a volume that needs none. */
export async function removeRecyclers(ctx: Ctx, recyclers: readonly Pod[]): Promise<void> {
  for (const pod of recyclers) await deletePod(ctx, pod);
}

async function start(ctx: Ctx, { volume, source }: Recycling): Promise<Outcome> {
  try {
    const pod = await ctx.client.create(pods, recyclerDraft(volume, source));
    ctx.events.record(say.recyclerStarted(volume, pod));
  } catch (thrown) {
    // why: the cache did not know it yet; it will tell
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
  return after(POLL_MS, 'waiting for the recycler pod');
}

/** Gives the volume free, or back to the reservation that a user had made. Refused where the volume has changed meanwhile. */
async function release(ctx: Ctx, volume: PersistentVolume): Promise<void> {
  const { resourceVersion, annotations } = volume.metadata;
  const isOurs = annotations?.[BOUND_BY_CONTROLLER] !== undefined;
  const body = isOurs
    ? { metadata: { resourceVersion, annotations: { [BOUND_BY_CONTROLLER]: null } }, spec: { claimRef: null } }
    : { metadata: { resourceVersion }, spec: { claimRef: { uid: null, resourceVersion: null } } };
  await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}

async function deletePod(ctx: Ctx, pod: Pod): Promise<void> {
  if (pod.metadata.deletionTimestamp !== undefined) return;
  try {
    await ctx.client.delete(pods, keyOf(pod), { uid: pod.metadata.uid });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
  }
}
