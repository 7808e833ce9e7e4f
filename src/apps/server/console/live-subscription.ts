import { words } from '#api/explanation.ts';
import type { LiveChange, LiveQuery, ServerFrame } from '#api/console-frames.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { PlatformError } from '#kit/errors.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { FeedListener } from './live-feed.ts';
import type { FeedHub, FeedSubscription } from './feed-hub.ts';

/** Most objects of one frame, so that no frame blocks a socket or a browser for long. */
const FRAME_OBJECTS = 250;

/**
 * What one subscription still has to send. Changes of one object merge into the newest, so a slow reader costs one entry per object, never a growing log.
 */
export class LiveSubscription implements FeedListener {
  readonly #id: number;
  readonly #notify: () => void;
  #held: FeedSubscription | undefined;
  #snapshot: { readonly items: readonly KubeObject[]; next: number } | undefined;
  #pending = new Map<string, KubeObject | undefined>();
  #notices: ServerFrame[] = [];
  #hasBookmark = false;

  /** `notify` is called whenever there is something to take. */
  constructor(id: number, notify: () => void) {
    this.#id = id;
    this.#notify = notify;
  }

  /** Starts to follow `query`; what the API doesn't have is answered with an error frame. */
  open(hub: FeedHub, user: UserInfo, query: LiveQuery): void {
    this.#held = hub.subscribe(user, query, this);
    if (this.#held !== undefined) {
      // why: a live feed called onSnapshot inside subscribe, when its objects weren't at hand here
      if (this.#snapshot !== undefined) this.onSnapshot();
      return;
    }
    this.#notices.push({
      type: 'error',
      id: this.#id,
      reason: 'NotFound',
      words: words('noSuchResource', { resource: JSON.stringify(query.resource) }),
    });
    this.#notify();
  }

  close(): void {
    this.#held?.cancel();
    this.#held = undefined;
  }

  onSnapshot(): void {
    this.#snapshot = { items: [...(this.#held?.feed.objects.values() ?? [])], next: 0 };
    this.#pending.clear();
    this.#notices = [];
    this.#notify();
  }

  onUpsert(object: KubeObject): void {
    this.#pending.set(object.metadata.uid, object);
    this.#notify();
  }

  onDelete(uid: string): void {
    this.#pending.set(uid, undefined);
    this.#notify();
  }

  onBookmark(): void {
    this.#hasBookmark = true;
    this.#notify();
  }

  onGap(): void {
    this.#notices = [{ type: 'gap', id: this.#id }];
    this.#notify();
  }

  onProblem(problem: PlatformError): void {
    const { reason, message: said } = problem;
    const isDenied = problem.code === 'PermissionDenied' || problem.code === 'Unauthenticated';
    this.#notices = [
      isDenied
        ? { type: 'denied', id: this.#id, words: words('apiForbids', { said }) }
        : { type: 'error', id: this.#id, reason, words: words('apiRefuses', { said }) },
    ];
    this.#notify();
  }

  /** The next frame to send, or undefined when there is nothing. */
  take(): ServerFrame | undefined {
    if (this.#snapshot !== undefined) return this.#takeSnapshot(this.#snapshot);
    if (this.#pending.size > 0) return this.#takeDelta();
    const notice = this.#notices.shift();
    if (notice !== undefined || !this.#hasBookmark) return notice;
    this.#hasBookmark = false;
    return { type: 'bookmark', id: this.#id };
  }

  #takeSnapshot(snapshot: { readonly items: readonly KubeObject[]; next: number }): ServerFrame {
    const isFirst = snapshot.next === 0;
    const items = snapshot.items.slice(snapshot.next, snapshot.next + FRAME_OBJECTS).map(forBrowser);
    snapshot.next += FRAME_OBJECTS;
    const isLast = snapshot.next >= snapshot.items.length;
    if (isLast) this.#snapshot = undefined;
    return { type: 'snapshot', id: this.#id, isFirst, isLast, items };
  }

  #takeDelta(): ServerFrame {
    const changes: LiveChange[] = [];
    for (const [uid, object] of this.#pending) {
      if (changes.length === FRAME_OBJECTS) break;
      this.#pending.delete(uid);
      changes.push(object === undefined ? { type: 'delete', uid } : { type: 'upsert', object: forBrowser(object) });
    }
    this.#hasBookmark = false;
    return { type: 'delta', id: this.#id, changes };
  }
}

/** Leaves out managedFields: often the larger half of an object, and no page shows them. */
function forBrowser(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
