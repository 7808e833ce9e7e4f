import type { Event } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { events } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { remainingMs } from './plan.ts';

/** Deletes an event whose time is over; looks at a younger one again when its time comes. */
export async function reconcileEvent(ctx: Ctx, event: Event): Promise<Outcome> {
  const delayMs = remainingMs(event, ctx.clock.nowMs());
  if (delayMs > 0) return after(delayMs, 'the event is kept until its time is over');
  try {
    // why: with the version, so that an event that happened again in this moment is kept
    await ctx.client.delete(events, keyOf(event), { uid: event.metadata.uid, resourceVersion: event.metadata.resourceVersion });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
  return done;
}
