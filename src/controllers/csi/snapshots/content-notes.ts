import { addingFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf, type KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { formatTime } from '#kit/clock.ts';
import { after, type Ctx, type Outcome } from '#machinery/runtime/controller.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { type Failure, WorkRefused } from '../driver-work/failure.ts';
import { MENDING_POLL_MS, tryAgain } from '../driver-work/ladder.ts';
import type { End } from '../driver-work/steps.ts';

/** What contents of snapshots and of groups have in common. */
export interface Content extends KubeObject {
  readonly spec: { readonly driver: string };
  readonly status?: { readonly error?: { readonly message?: string | undefined } | undefined } | undefined;
}

/** What is written about the work on one kind of content: the trace of it, its finalizer, and why it stands still. */
export class ContentNotes<K extends Content> {
  readonly #resource: Resource<K>;
  readonly #finalizer: string;
  readonly #beingCreated: string;

  constructor(options: { readonly resource: Resource<K>; readonly finalizer: string; readonly beingCreated: string }) {
    this.#resource = options.resource;
    this.#finalizer = options.finalizer;
    this.#beingCreated = options.beingCreated;
  }

  /** A merge patch of the content. */
  patch(ctx: Ctx, content: K, body: object): Promise<K> {
    return ctx.client.patch(this.#resource, { key: keyOf(content), patch: { type: 'merge', body } });
  }

  patchStatus(ctx: Ctx, content: K, status: object): Promise<K> {
    const patch = { type: 'merge', body: { status } } as const;
    return ctx.client.patch(this.#resource, { key: keyOf(content), patch }, { subresource: 'status' });
  }

  /** It is to stay until its driver has forgotten it. */
  async protect(ctx: Ctx, content: K): Promise<void> {
    await this.patch(ctx, content, addingFinalizer(content, this.#finalizer));
  }

  /** Nothing is left to be done at the driver. */
  async letGo(ctx: Ctx, content: K): Promise<void> {
    await this.patch(ctx, content, removingFinalizer(content, this.#finalizer));
  }

  /** True where the driver was asked before, and nobody heard how that ended. */
  isBegun(content: K): boolean {
    return isMarked(content, this.#beingCreated);
  }

  /** After a crash the annotation is the trace of what the driver may have taken, until it has a name. */
  async mark(ctx: Ctx, content: K): Promise<K> {
    return isMarked(content, this.#beingCreated)
      ? content
      : this.patch(ctx, content, { metadata: { annotations: { [this.#beingCreated]: 'yes' } } });
  }

  /** Nothing is under way at the driver any more. */
  async settle(ctx: Ctx, content: K): Promise<void> {
    if (isMarked(content, this.#beingCreated))
      await this.patch(ctx, content, { metadata: { annotations: { [this.#beingCreated]: null } } });
  }

  /** The driver is not connected. */
  async away(ctx: Ctx, content: K, event: EventDraft): Promise<Outcome> {
    await this.#tell(ctx, content, event);
    return after(MENDING_POLL_MS, event.message);
  }

  /** The driver is back: that it was away is no error any more. */
  async welcome(ctx: Ctx, content: K): Promise<K> {
    const wasAway = content.status?.error?.message?.includes(awayWords(content.spec.driver)) === true;
    return wasAway ? this.patchStatus(ctx, content, { error: null }) : content;
  }

  /** It can't be asked for as it is. */
  async refuse(ctx: Ctx, content: K, event: EventDraft): Promise<void> {
    await this.#tell(ctx, content, event);
    await this.settle(ctx, content);
  }

  /** What was asked for came to nothing. `isAgain`: it was asked for before, and nobody heard how that ended. */
  async fail(
    ctx: Ctx,
    content: K,
    {
      failure: { isFinal, error },
      event,
      isAgain = false,
    }: { readonly failure: Failure; readonly event: EventDraft; readonly isAgain?: boolean | undefined },
  ): Promise<End> {
    await this.#tell(ctx, content, event);
    // why not: this time the driver was not asked, and what it has of the time before is known by nothing else
    const isUnasked = isAgain && error instanceof WorkRefused;
    // why also then: after ResourceExhausted a driver may be at work (external-snapshotter isCSIFinalError)
    if (isFinal && error.code !== 'ResourceExhausted' && !isUnasked) await this.settle(ctx, content);
    return tryAgain;
  }

  /** Puts what an event says into the status as well. */
  async #tell(ctx: Ctx, content: K, event: EventDraft): Promise<void> {
    // why compared: what is known is neither written nor said again (external-snapshotter updateContentErrorStatusWithEvent)
    if (content.status?.error?.message === event.message) return;
    ctx.events.record(event);
    const error = { message: event.message, time: formatTime(ctx.clock.nowMs()) };
    await this.patchStatus(ctx, content, { readyToUse: false, error });
  }
}

/** True where the annotation is there, whatever its value. */
export function isMarked({ metadata }: KubeObject, annotation: string): boolean {
  return metadata.annotations?.[annotation] !== undefined;
}

/** That a driver is not connected, and who is. */
export function awayText({ spec }: Content, connected: readonly string[]): string {
  return `${awayWords(spec.driver)} (connected: ${connected.join(', ') || 'none'})`;
}

function awayWords(driverName: string): string {
  return `the CSI driver ${JSON.stringify(driverName)} is not connected: start it`;
}
