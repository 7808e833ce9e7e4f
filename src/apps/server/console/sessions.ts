import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import type { UserInfo } from '#machinery/apiserver/access/user.ts';

/** A signed-in browser. */
export interface Session {
  readonly user: UserInfo;
  readonly csrfToken: string;
  /** Runs when the session ends, whatever ends it; returns a disposer. */
  onEnd(callback: () => void): () => void;
}

/** A session unused for this long ends, in milliseconds: a working day. */
const IDLE_MS = 12 * 3_600_000;
/** No session lives longer, in milliseconds. */
const LIFETIME_MS = 7 * 24 * 3_600_000;
/** A sign-in link works once and for this long, in milliseconds. */
const CODE_LIFETIME_MS = 3_600_000;
/** Most sessions and most unused links; the oldest gives way. */
const MAX_SESSIONS = 1_000;
const MAX_CODES = 100;

interface Held {
  readonly session: Session;
  readonly endsAtMs: number;
  idleAtMs: number;
  readonly callbacks: Set<() => void>;
}

/** The signed-in browsers, in memory only, under hashes of their ids: a dump of it signs nobody in. */
export class Sessions {
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #sessions = new Map<string, Held>();
  readonly #codes = new Map<string, { readonly user: UserInfo; readonly endsAtMs: number }>();

  constructor(deps: { readonly clock: Clock; readonly ids: Ids }) {
    this.#clock = deps.clock;
    this.#ids = deps.ids;
  }

  /** Signs `user` in; the answer is the cookie's value. */
  start(user: UserInfo): { readonly id: string; readonly session: Session } {
    const nowMs = this.#clock.nowMs();
    const id = this.#secret();
    const callbacks = new Set<() => void>();
    const session: Session = {
      user,
      csrfToken: this.#secret(),
      onEnd(callback) {
        callbacks.add(callback);
        return () => callbacks.delete(callback);
      },
    };
    this.#sessions.set(hash(id), { session, endsAtMs: nowMs + LIFETIME_MS, idleAtMs: nowMs + IDLE_MS, callbacks });
    this.#evict();
    return { id, session };
  }

  /** The live session of a cookie; using it keeps it from going idle. */
  find(id: string | undefined): Session | undefined {
    if (id === undefined || id === '') return undefined;
    const key = hash(id);
    const held = this.#sessions.get(key);
    if (held === undefined) return undefined;
    const nowMs = this.#clock.nowMs();
    if (nowMs >= held.idleAtMs || nowMs >= held.endsAtMs) {
      this.#end(key);
      return undefined;
    }
    held.idleAtMs = nowMs + IDLE_MS;
    return held.session;
  }

  /** Signs out; nothing happens for an unknown id. */
  end(id: string | undefined): void {
    if (id !== undefined) this.#end(hash(id));
  }

  /** A code that signs `user` in once. */
  issueCode(user: UserInfo): string {
    const code = this.#secret();
    this.#codes.set(hash(code), { user, endsAtMs: this.#clock.nowMs() + CODE_LIFETIME_MS });
    dropOldest(this.#codes, MAX_CODES);
    return code;
  }

  /** The user of an unused code, which is used up by asking. */
  redeemCode(code: string): UserInfo | undefined {
    const key = hash(code);
    const held = this.#codes.get(key);
    this.#codes.delete(key);
    return held === undefined || this.#clock.nowMs() >= held.endsAtMs ? undefined : held.user;
  }

  /** Ends everything. */
  close(): void {
    for (const key of this.#sessions.keys()) this.#end(key);
    this.#codes.clear();
  }

  #evict(): void {
    for (const key of this.#sessions.keys()) {
      if (this.#sessions.size <= MAX_SESSIONS) return;
      this.#end(key);
    }
  }

  #end(key: string): void {
    const held = this.#sessions.get(key);
    if (held === undefined) return;
    this.#sessions.delete(key);
    for (const callback of held.callbacks) callback();
  }

  /** Two random UUIDs: 244 random bits. */
  #secret(): string {
    return `${this.#ids.uid()}${this.#ids.uid()}`.replaceAll('-', '');
  }
}

/** Compares two secrets in a time that tells nothing about them. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
