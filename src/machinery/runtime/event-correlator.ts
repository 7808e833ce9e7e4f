import type { EventDraft } from './event-recorder.ts';

/** What becomes of one more event. */
export interface Correlated {
  /** Events with the same key are one, with a count. */
  readonly key: string;
  readonly message: string;
  /** True where it stands for others with other messages. */
  readonly isCombined: boolean;
  /** False where its object had too many events: it is counted, not written. */
  readonly isAllowed: boolean;
}

/** The bounds are those of client-go's tools/record (events_cache.go). */
const WINDOW_MS = 600_000;
/** From this many different messages on, within the window, similar events become one. */
const MAX_SIMILAR = 10;
/** Events of one object that may come at once. */
const BURST = 25;
/** After the burst one event of an object is let through in this time. */
const REFILL_MS = 300_000;
/** Objects and groups of similar events that are remembered; the one that was quiet longest goes first. */
const MAX_REMEMBERED = 4_096;

const COMBINED = '(combined from similar events): ';

interface Similar {
  readonly messages: Set<string>;
  lastMs: number;
}

interface Bucket {
  tokens: number;
  filledMs: number;
}

/** Decides which events are the same, which are alike, and which are too many. */
export class EventCorrelator {
  readonly #similar = new Map<string, Similar>();
  readonly #buckets = new Map<string, Bucket>();

  /** Takes in one event. */
  correlate(draft: EventDraft, nowMs: number): Correlated {
    const { uid, name, namespace } = draft.about.metadata;
    const object = [uid, namespace ?? '', name].join('\0');
    const group = [object, draft.type, draft.reason].join('\0');
    const isCombined = this.#isOneOfMany(group, draft.message, nowMs);
    return {
      key: isCombined ? group : `${group}\0${draft.message}`,
      message: isCombined ? `${COMBINED}${draft.message}` : draft.message,
      isCombined,
      isAllowed: this.#take(object, nowMs),
    };
  }

  #isOneOfMany(group: string, message: string, nowMs: number): boolean {
    const known = this.#similar.get(group);
    const similar = known !== undefined && nowMs - known.lastMs <= WINDOW_MS ? known : { messages: new Set<string>(), lastMs: nowMs };
    similar.lastMs = nowMs;
    remember(this.#similar, group, similar);
    similar.messages.add(message);
    if (similar.messages.size < MAX_SIMILAR) return false;
    // why: the set stays at its bound, so that memory does not grow with messages; those in it stay apart
    similar.messages.delete(message);
    return true;
  }

  #take(object: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(object) ?? { tokens: BURST, filledMs: nowMs };
    bucket.tokens = Math.min(BURST, bucket.tokens + (nowMs - bucket.filledMs) / REFILL_MS);
    bucket.filledMs = nowMs;
    remember(this.#buckets, object, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

/** Puts an entry at the end of the map, and drops the first where there are too many. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MAX_REMEMBERED) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
