import type { Event } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { events } from '#api/resources.ts';
import { type Clock, formatTime } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '../client/client.ts';
import { EventCorrelator } from './event-correlator.ts';
import type { EventDraft, EventRecorder } from './event-recorder.ts';
import { WorkQueue } from './work-queue.ts';

/** What a recorder is made of. */
export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  /** Who speaks: `kubectl describe` shows it in the column From. */
  readonly component: string;
  /** The node that it speaks on, where it is one. */
  readonly host?: string;
}

/** A recorder that writes to the API. */
export interface BufferedEventRecorder extends EventRecorder {
  /** Writes what is waiting now; returns when all is written or `signal` aborts. Never throws. */
  flush(signal: AbortSignal): Promise<void>;
  /** Ends writing; what waits is lost. */
  stop(): Promise<void>;
}

/** Records core/v1 Events through `client`. */
export function createEventRecorder(options: EventRecorderOptions): BufferedEventRecorder {
  return new ApiEventRecorder(options);
}

/** Repetitions within this time are counted on the first event. */
const MERGE_WINDOW_MS = 600_000;
/** One event is written at most this often. */
const WRITE_INTERVAL_MS = 2_000;
/** Events that are remembered for merging, waiting ones included; the oldest goes first. */
const MAX_REMEMBERED = 2_000;
/** Tries to write one state of one event while the API server can't be reached. */
const MAX_TRIES = 8;
/** Events written at a time. */
const CONCURRENCY = 4;
/** Characters of a message that the API accepts (core/v1 event validation). */
const MAX_MESSAGE = 1024;
/** Characters of the object's name that go into the event's, of 253 in all. */
const MAX_NAME = 230;

interface Remembered {
  readonly draft: EventDraft;
  /** The newest, where it stands for similar ones; else that of the draft. */
  message: string;
  readonly isCombined: boolean;
  readonly firstMs: number;
  lastMs: number;
  count: number;
  /** The count that the API has; 0 before the event exists. */
  writtenCount: number;
  writtenMs: number;
  name: string;
}

class ApiEventRecorder implements BufferedEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #log: Logger;
  readonly #remembered = new Map<string, Remembered>();
  readonly #correlator = new EventCorrelator();
  readonly #queue: WorkQueue;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#log = options.log.with({ component: 'event-recorder' });
    this.#queue = new WorkQueue({
      clock: options.clock,
      concurrency: CONCURRENCY,
      work: (key) => this.#work(key),
      backoff: { initialMs: 250, maxMs: 10_000, factor: 2 },
    });
    this.#queue.start();
  }

  record(draft: EventDraft): void {
    const nowMs = this.#options.clock.nowMs();
    const { key, message, isCombined, isAllowed } = this.#correlator.correlate(draft, nowMs);
    const known = this.#remembered.get(key);
    if (known !== undefined && nowMs - known.lastMs < MERGE_WINDOW_MS) {
      known.count += 1;
      known.lastMs = nowMs;
      known.message = message;
      // why: the order of the map is the order of the last occurrence, so that the first entry is the one to drop
      this.#remembered.delete(key);
      this.#remembered.set(key, known);
      if (!isAllowed) return;
      const waitMs = known.writtenMs + WRITE_INTERVAL_MS - nowMs;
      if (waitMs > 0) this.#queue.addAfter(key, waitMs);
      else this.#queue.add(key);
      return;
    }
    if (!isAllowed) return;
    this.#remembered.delete(key);
    const name = this.#newName(draft.about.metadata.name);
    const counted = { firstMs: nowMs, lastMs: nowMs, count: 1, writtenCount: 0, writtenMs: 0 };
    this.#remembered.set(key, { draft, message, isCombined, name, ...counted });
    this.#dropOld(nowMs);
    this.#queue.add(key);
  }

  async flush(signal: AbortSignal): Promise<void> {
    for (const [key, event] of this.#remembered) if (event.writtenCount < event.count) this.#queue.add(key);
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    const onAbort = (): void => resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) resolve();
    await Promise.race([this.#queue.idle(), aborted]);
    signal.removeEventListener('abort', onAbort);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #dropOld(nowMs: number): void {
    for (const [key, event] of this.#remembered) {
      const isOver = nowMs - event.lastMs >= MERGE_WINDOW_MS;
      if (!isOver && this.#remembered.size <= MAX_REMEMBERED) return;
      this.#remembered.delete(key);
      if (event.writtenCount === 0) this.#logDropped(event.draft, 'too many events wait to be written');
    }
  }

  async #work(key: string): Promise<void> {
    const event = this.#remembered.get(key);
    if (event === undefined || event.writtenCount >= event.count) return;
    const count = event.count;
    try {
      await this.#write(event);
      event.writtenCount = count;
      event.writtenMs = this.#options.clock.nowMs();
      this.#queue.forget(key);
      if (event.count > count) this.#queue.addAfter(key, WRITE_INTERVAL_MS);
    } catch (thrown) {
      this.#retryOrDrop(key, event, PlatformError.from(thrown));
    }
  }

  async #write(event: Remembered): Promise<void> {
    const { client } = this.#options;
    if (event.writtenCount > 0) {
      const key = { namespace: namespaceOf(event.draft), name: event.name };
      try {
        await client.patch(events, {
          key,
          patch: {
            type: 'merge',
            body: {
              count: event.count,
              lastTimestamp: formatTime(event.lastMs),
              ...(event.isCombined ? { message: shortMessage(event.message) } : {}),
            },
          },
        });
        return;
      } catch (thrown) {
        if (!hasCode(thrown, 'NotFound')) throw thrown;
        // why: events live for an hour; one that is gone is told anew
        event.name = this.#newName(event.draft.about.metadata.name);
      }
    }
    await client.create(events, this.#draftOf(event));
  }

  #retryOrDrop(key: string, event: Remembered, error: PlatformError): void {
    if (hasCode(error, 'AlreadyExists')) event.name = this.#newName(event.draft.about.metadata.name);
    // why: a refused event (its namespace is going, or it is invalid) would be refused again
    const isPassing = error.retry === 'backoff' && !hasCode(error, 'NotFound');
    if (isPassing && this.#queue.retry(key) < MAX_TRIES) return;
    this.#queue.forget(key);
    this.#remembered.delete(key);
    this.#logDropped(event.draft, error.message);
  }

  #logDropped(draft: EventDraft, message: string): void {
    const { name, namespace } = draft.about.metadata;
    this.#log.warn('event dropped', {
      kind: draft.about.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      reason: draft.reason,
      err: message,
    });
  }

  #newName(objectName: string): string {
    return `${objectName.slice(0, MAX_NAME)}.${this.#options.ids.suffix(16)}`;
  }

  #draftOf(event: Remembered): Draft<Event> {
    const { component, host } = this.#options;
    const { about, type, reason } = event.draft;
    const { name, namespace, uid, resourceVersion } = about.metadata;
    return {
      metadata: { name: event.name, namespace: namespaceOf(event.draft) },
      involvedObject: {
        apiVersion: about.apiVersion,
        kind: about.kind,
        name,
        uid,
        resourceVersion,
        ...(namespace === undefined ? {} : { namespace }),
      },
      type,
      reason,
      message: shortMessage(event.message),
      source: { component, ...(host === undefined ? {} : { host }) },
      firstTimestamp: formatTime(event.firstMs),
      lastTimestamp: formatTime(event.lastMs),
      count: event.count,
      reportingComponent: component,
      reportingInstance: host ?? '',
    };
  }
}

function shortMessage(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message;
}

/** Events about cluster-scoped objects lie in `default` (client-go tools/record). */
function namespaceOf(draft: EventDraft): string {
  const { namespace } = draft.about.metadata;
  return namespace === undefined || namespace === '' ? 'default' : namespace;
}
