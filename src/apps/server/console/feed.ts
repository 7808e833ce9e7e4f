import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import { type BackoffPolicy, backoffMs } from '#kit/retry.ts';
import type { Client } from '#machinery/client/client.ts';
import { LiveFeed } from './live-feed.ts';

/** What a feed reads and with what. */
export interface FeedOptions {
  readonly client: Client;
  readonly resource: Resource;
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
}

/** Delays between failing lists or watches. */
const RETRY: BackoffPolicy = { initialMs: 200, maxMs: 30_000, factor: 2 };
/** How long until a refused list is asked for again, in milliseconds: rights change rarely. */
const DENIED_RETRY_MS = 30_000;
/** A watch that lived this long was a good one, in milliseconds. */
const GOOD_WATCH_MS = 5_000;

/** One list and watch, shared by every socket of a user that asks for the same. */
export class Feed extends LiveFeed {
  readonly #options: FeedOptions;
  readonly #abort = new AbortController();
  #objects: Map<string, KubeObject> = new Map();
  #attempt = 0;

  constructor(options: FeedOptions) {
    super();
    this.#options = options;
    void this.#run();
  }

  override get objects(): ReadonlyMap<string, KubeObject> {
    return this.#objects;
  }

  override stop(): void {
    this.#abort.abort();
    super.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      try {
        await this.#follow(await this.#list(), signal);
      } catch (thrown) {
        if (signal.aborted) return;
        await this.#recover(PlatformError.from(thrown), signal).catch(() => undefined); // only the abort rejects, and it ends the loop
      }
    }
  }

  async #list(): Promise<string> {
    const { client, resource, namespace, fieldSelector } = this.#options;
    const list = await client.list(resource, selection(namespace, fieldSelector));
    this.#objects = new Map(list.items.map((object) => [object.metadata.uid, object]));
    this.tellAll();
    return list.metadata.resourceVersion;
  }

  /** Watches from `resourceVersion`; a watch that the server closes in peace goes on where it ended. */
  async #follow(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, fieldSelector, clock } = this.#options;
    let version = resourceVersion;
    while (!signal.aborted) {
      const startedAtMs = clock.nowMs();
      for await (const event of client.watch(resource, { ...selection(namespace, fieldSelector), resourceVersion: version, signal })) {
        this.#attempt = 0;
        if (event.type === 'BOOKMARK') {
          version = event.resourceVersion;
          this.tell((listener) => listener.onBookmark());
          continue;
        }
        version = event.object.metadata.resourceVersion;
        this.#apply(event.type, event.object);
      }
      if (signal.aborted) return;
      if (clock.nowMs() - startedAtMs >= GOOD_WATCH_MS) this.#attempt = 0;
      else await this.#pause(signal);
    }
  }

  #apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void {
    const { uid } = object.metadata;
    if (type === 'DELETED') {
      this.#objects.delete(uid);
      this.tell((listener) => listener.onDelete(uid));
      return;
    }
    this.#objects.set(uid, object);
    this.tell((listener) => listener.onUpsert(object));
  }

  async #recover(error: PlatformError, signal: AbortSignal): Promise<void> {
    const { log, resource, namespace, clock } = this.#options;
    this.tellGap();
    if (error.code === 'OutOfRange') {
      // why: the version is too old, which a new list mends at once; the pause only keeps a broken server from being hammered
      await this.#pause(signal);
      return;
    }
    log.debug('console list failed', { kind: resource.kind, namespace: namespace ?? '', reason: error.reason, err: error });
    this.tellProblem(error);
    if (error.code === 'PermissionDenied' || error.code === 'Unauthenticated') await sleep(clock, DENIED_RETRY_MS, signal);
    else await this.#pause(signal);
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const delayMs = backoffMs(RETRY, this.#attempt) * (0.5 + this.#options.ids.fraction() / 2);
    this.#attempt += 1;
    await sleep(this.#options.clock, delayMs, signal);
  }
}

function selection(
  namespace: string | undefined,
  fieldSelector: string | undefined,
): { readonly namespace?: string; readonly fieldSelector?: string } {
  return { ...(namespace === undefined ? {} : { namespace }), ...(fieldSelector === undefined ? {} : { fieldSelector }) };
}
