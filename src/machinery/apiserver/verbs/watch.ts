import type { KindDefinition } from '#api/meta/kind.ts';
import { hasCode } from '#kit/errors.ts';
import type { Entry, StoreEvent, StoreScope, StoreWatch } from '../../store/store.ts';
import type { Sent } from '../contract/answers.ts';
import type { ServerContext } from '../contract/context.ts';
import { servedEntries, servedEntry } from '../objects/served-entry.ts';
import { type ApiRequest, storedResourceOf } from '../contract/request.ts';
import { expired, invalid } from '../contract/status-error.ts';
import { parseResourceVersion } from './resource-version.ts';
import { parseSelection, type Selection } from './selection.ts';

/** What a watch asks for, in the form of the query. */
export interface WatchQuery {
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
  readonly allowBookmarks: boolean;
  /** Undefined = the query did not say. */
  readonly sendInitialEvents?: boolean | undefined;
  /** The server ends the watch after this long. */
  readonly timeoutMs: number;
}

/** Where a watch's events go. Must not throw. */
export interface WatchSink {
  onSent(events: readonly Sent[]): void;
  /** The watch ended: its time is up, or the server closes. */
  onEnd(): void;
}

/** Time between two bookmarks (apiserver pkg/storage/cacher/cacher.go: about one a minute). */
const BOOKMARK_MS = 60_000;

/**
 * Starts a watch: first the initial events where they are asked for (or where no version is given), then changes as they become durable, then bookmarks in between.
 * @returns a disposer
 * @throws ApiError `OutOfRange` (410) when the version is no longer kept; `InvalidArgument`, `FailedPrecondition`
 */
export function openWatch(
  ctx: ServerContext,
  request: ApiRequest,
  options: { readonly query: WatchQuery; readonly sink: WatchSink },
): () => void {
  checkWatchOptions(options.query);
  const { query, sink } = options;
  const selection = parseSelection(request.kind, query);
  const scope: StoreScope = {
    resource: storedResourceOf(request.kind),
    namespace: request.namespace === '' ? undefined : request.namespace,
  };
  const revision = parseResourceVersion(query.resourceVersion);
  const isInitial = query.sendInitialEvents ?? (revision === undefined || revision === 0);
  let from = revision ?? ctx.store.revision;
  if (isInitial) {
    const page = ctx.store.list(scope);
    from = page.revision;
    sink.onSent(initialEvents(servedEntries(request.kind, page.entries), { selection, query, revision: from }));
  } else if (revision === undefined || revision === 0) {
    from = ctx.store.revision;
  }
  const running = new RunningWatch(ctx, { query, sink, removed: ctx.registry.removalOf(request.kind) });
  running.start(subscribe(ctx, { kind: request.kind, scope, from, selection, sink, running }));
  return () => running.stop();
}

/** Rules of apimachinery pkg/apis/meta/internalversion/validation for watch options. */
function checkWatchOptions(query: WatchQuery): void {
  const match = query.resourceVersionMatch ?? '';
  const refuse = (field: string, detail: string): never => {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [{ field, type: 'Forbidden', detail }]);
  };
  if (query.sendInitialEvents === undefined) {
    if (match !== '') refuse('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    return;
  }
  if (match !== 'NotOlderThan') refuse('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
}

function initialEvents(
  entries: readonly Entry[],
  step: { readonly selection: Selection; readonly query: WatchQuery; readonly revision: number },
): readonly Sent[] {
  const sent: Sent[] = entries.filter((entry) => step.selection.matches(entry)).map((entry) => ({ type: 'ADDED', entry }));
  if (step.query.sendInitialEvents === true && step.query.allowBookmarks)
    sent.push({ type: 'BOOKMARK', revision: step.revision, endsInitialEvents: true });
  return sent;
}

interface Subscription {
  readonly kind: KindDefinition;
  readonly scope: StoreScope;
  readonly from: number;
  readonly selection: Selection;
  readonly sink: WatchSink;
  readonly running: RunningWatch;
}

function subscribe(ctx: ServerContext, { kind, scope, from, selection, sink, running }: Subscription): StoreWatch {
  try {
    return ctx.store.watch(scope, from, {
      onEvents: (events) => {
        const sent = events.flatMap((event) => select(servedEvent(kind, event), selection));
        if (sent.length > 0) sink.onSent(sent);
      },
      onClose: () => running.end(),
    });
  } catch (thrown) {
    // why: a version that does not exist yet can only come from data that were lost; listing again is what mends the client
    if (hasCode(thrown, 'OutOfRange', 'DeadlineExceeded'))
      throw expired(`too old resource version: ${from} (${ctx.store.compactedRevision})`);
    throw thrown;
  }
}

function servedEvent(kind: KindDefinition, event: StoreEvent): StoreEvent {
  if (kind.fromStored === undefined) return event;
  const { entry, previous } = event;
  return { ...event, entry: servedEntry(kind, entry), ...(previous === undefined ? {} : { previous: servedEntry(kind, previous) }) };
}

/** A change as the selection sees it: an object that starts to match is new, one that stops is gone. */
function select(event: StoreEvent, selection: Selection): readonly Sent[] {
  const { entry, previous, type } = event;
  if (selection.isEverything) return [{ type, entry }];
  const isIn = type !== 'DELETED' && selection.matches(entry);
  const wasIn = previous !== undefined && type !== 'ADDED' && selection.matches(previous);
  if (isIn) return [{ type: wasIn ? 'MODIFIED' : 'ADDED', entry }];
  return wasIn ? [{ type: 'DELETED', entry }] : [];
}

/** A watch's subscription and timers, ended together. */
class RunningWatch {
  readonly #ctx: ServerContext;
  readonly #query: WatchQuery;
  readonly #sink: WatchSink;
  readonly #removed: AbortSignal;
  readonly #disposers: (() => void)[] = [];
  #isOver = false;

  constructor(
    ctx: ServerContext,
    { query, sink, removed }: { readonly query: WatchQuery; readonly sink: WatchSink; readonly removed: AbortSignal },
  ) {
    this.#ctx = ctx;
    this.#query = query;
    this.#sink = sink;
    this.#removed = removed;
  }

  start(subscription: StoreWatch): void {
    if (this.#isOver) {
      subscription.close();
      return;
    }
    this.#disposers.push(() => subscription.close());
    const deadline = this.#ctx.clock.after(this.#query.timeoutMs, () => {
      this.#bookmark();
      this.end();
    });
    this.#disposers.push(() => deadline.cancel());
    this.#endOn(this.#ctx.closing);
    // why: an own kind that was removed or changed is listed anew, as what it is then
    this.#endOn(this.#removed);
    if (this.#query.allowBookmarks) this.#scheduleBookmarks();
  }

  #endOn(signal: AbortSignal): void {
    const onAbort = (): void => this.end();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    this.#disposers.push(() => signal.removeEventListener('abort', onAbort));
  }

  /** Stops without a word to the sink: the reader went away. */
  stop(): void {
    this.#isOver = true;
    for (const dispose of this.#disposers.splice(0)) dispose();
  }

  /** Stops and tells the sink. */
  end(): void {
    if (this.#isOver) return;
    this.stop();
    this.#sink.onEnd();
  }

  #scheduleBookmarks(): void {
    // why: spread over a fifth of the interval, so that many watchers do not all wake in the same tick
    let timer = this.#ctx.clock.after(BOOKMARK_MS * (0.8 + this.#ctx.ids.fraction() / 5), () => this.#tick());
    this.#rearm = () => {
      timer = this.#ctx.clock.after(BOOKMARK_MS, () => this.#tick());
    };
    this.#disposers.push(() => timer.cancel());
  }

  #rearm: () => void = () => {};

  #tick(): void {
    if (this.#isOver) return;
    this.#bookmark();
    this.#rearm();
  }

  #bookmark(): void {
    if (this.#query.allowBookmarks) this.#sink.onSent([{ type: 'BOOKMARK', revision: this.#ctx.store.revision, endsInitialEvents: false }]);
  }
}
