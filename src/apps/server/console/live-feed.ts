import type { KubeObject } from '#api/meta/object.ts';
import type { PlatformError } from '#kit/errors.ts';

/** What a feed tells its listeners; must not throw. */
export interface FeedListener {
  /** Everything is new: `feed.objects` is the whole list. */
  onSnapshot(): void;
  onUpsert(object: KubeObject): void;
  onDelete(uid: string): void;
  onBookmark(): void;
  /** Changes may be missed from here to the next snapshot. */
  onGap(): void;
  onProblem(problem: PlatformError): void;
}

/** What every feed has: its listeners, and what it says to one that comes. What a feed shows is its own. */
export abstract class LiveFeed {
  readonly #listeners = new Set<FeedListener>();
  #state: 'starting' | 'live' | PlatformError = 'starting';

  /** By UID; complete only after a listener saw `onSnapshot`. */
  abstract get objects(): ReadonlyMap<string, KubeObject>;

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Tells `listener` the present state at once and every change after it; returns a disposer. */
  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    if (this.#state === 'live') listener.onSnapshot();
    else if (this.#state !== 'starting') listener.onProblem(this.#state);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#listeners.clear();
  }

  protected get isLive(): boolean {
    return this.#state === 'live';
  }

  /** `objects` is whole now. */
  protected tellAll(): void {
    this.#state = 'live';
    this.tell((listener) => listener.onSnapshot());
  }

  protected tellProblem(problem: PlatformError): void {
    this.#state = problem;
    this.tell((listener) => listener.onProblem(problem));
  }

  /** Changes may be missed from here to the next {@link tellAll}. */
  protected tellGap(): void {
    if (this.isLive) this.tell((listener) => listener.onGap());
    this.#state = 'starting';
  }

  protected tell(how: (listener: FeedListener) => void): void {
    for (const listener of this.#listeners) how(listener);
  }
}
