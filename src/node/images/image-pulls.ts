import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { KeyedLock } from '#kit/keyed-lock.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Image, ImageRequest, ImageStore } from './image.ts';

/** What pulling needs. */
export interface ImagePullsOptions {
  readonly images: ImageStore;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An image that is ready. */
export interface PulledImage {
  readonly image: Image;
  /** How long its registry took; absent = it was here. */
  readonly tookMs?: number;
}

interface Pull {
  readonly abort: AbortController;
  /** Absent = under way. */
  ended?: { readonly pulled: PulledImage } | { readonly error: PlatformError };
}

/** Images that are fetched at a time. */
const CONCURRENT_PULLS = 4;

/** Fetches images beside the work on pods, so that a registry that hangs holds up none but who waits for it. */
export class ImagePulls {
  readonly #options: ImagePullsOptions;
  readonly #limiter = new Limiter(CONCURRENT_PULLS);
  readonly #lock = new KeyedLock();
  readonly #pulls = new Map<string, Pull>();

  constructor(options: ImagePullsOptions) {
    this.#options = options;
  }

  /**
   * The image for the start of one container; undefined while it is fetched, and `onEnd` is called when that has ended.
   * An end is told once: whoever asks again afterwards has another fetch. @throws what the fetch ended with
   */
  async take(container: string, request: ImageRequest, onEnd: () => void): Promise<PulledImage | undefined> {
    const key = `${container}/${request.reference}`;
    const pull = this.#pulls.get(key);
    if (pull === undefined) {
      const image = await this.#options.images.findHere(request);
      if (image !== undefined) return { image };
      void this.#fetch(key, request).then(onEnd);
      return undefined;
    }
    if (pull.ended === undefined) return undefined;
    this.#pulls.delete(key);
    if ('error' in pull.ended) throw pull.ended.error;
    return pull.ended.pulled;
  }

  /** Forgets what was fetched for containers whose key starts with `prefix`, and gives up what is being fetched: it takes a place that others wait for. */
  forget(prefix: string): void {
    for (const [key, { abort }] of this.#pulls) {
      if (!key.startsWith(prefix)) continue;
      abort.abort();
      this.#pulls.delete(key);
    }
  }

  async #fetch(key: string, request: ImageRequest): Promise<void> {
    const { images, clock } = this.#options;
    const pull: Pull = { abort: new AbortController() };
    this.#pulls.set(key, pull);
    const signal = AbortSignal.any([this.#options.signal, pull.abort.signal]);
    const sinceMs = clock.nowMs();
    try {
      // why the lock around the places: pods that wait for the same image take one, not all
      const image = await this.#lock.run(request.reference, () =>
        this.#limiter.run(async () => {
          signal.throwIfAborted();
          return images.fetch(request, signal);
        }),
      );
      pull.ended = { pulled: { image, tookMs: clock.nowMs() - sinceMs } };
    } catch (thrown) {
      pull.ended = { error: PlatformError.from(thrown) };
    }
  }
}
