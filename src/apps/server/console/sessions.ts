import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '#kit/clock.ts';
import type { Ids } from '#kit/ids.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import type { SessionFile, SessionRecord } from './session-file.ts';
import { type Credential, csrfTokenOf, hashSecret, seal, unseal } from './session-seal.ts';

/** A signed-in browser. */
export interface Session {
  readonly user: UserInfo;
  readonly csrfToken: string;
  /** Asks again whether the credential is good; a session whose is not has ended when this answers false. */
  isStillGood(): Promise<boolean>;
  /** Runs when the session ends, whatever ends it; returns a disposer. */
  onEnd(callback: () => void): () => void;
}

/** A session unused for this long ends, in milliseconds: a working day. */
const IDLE_MS = 12 * 3_600_000;
/** No session lives longer, in milliseconds. */
const LIFETIME_MS = 7 * 24 * 3_600_000;
/** How much of its use a session may lose by a kill, in milliseconds. */
const NOTED_USE_MS = 600_000;
/** A sign-in link works once and for this long, in milliseconds. */
const CODE_LIFETIME_MS = 3_600_000;
/** Most sessions and most unused links; the oldest gives way. */
const MAX_SESSIONS = 1_000;
const MAX_CODES = 100;

/** What sessions need. */
export interface SessionsOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly file: SessionFile;
  /** The user of a bearer token; undefined for an unknown one. */
  readonly authenticateToken: (token: string) => Promise<UserInfo | undefined>;
}

interface Held {
  readonly sealed: string;
  readonly endsAtMs: number;
  idleAtMs: number;
  /** When the file last heard of its use. */
  notedAtMs: number;
  /** Absent until its browser comes back after a restart. */
  session: Session | undefined;
  readonly callbacks: Set<() => void>;
}

/** The signed-in browsers, under hashes of their ids: a dump of memory or disk signs nobody in. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #sessions = new Map<string, Held>();
  readonly #codes = new Map<string, { readonly user: UserInfo; readonly endsAtMs: number }>();

  constructor(options: SessionsOptions) {
    this.#options = options;
    const nowMs = options.clock.nowMs();
    for (const record of options.file.read()) if (nowMs < record.endsAtMs && nowMs < record.idleAtMs) this.#restore(record, nowMs);
  }

  /** Signs in the user of a token that was just found good; the answer is the cookie's value. */
  start(user: UserInfo, credential: Credential): { readonly id: string; readonly session: Session } {
    const nowMs = this.#options.clock.nowMs();
    const id = this.#secret();
    const held: Held = {
      sealed: seal(id, credential),
      endsAtMs: nowMs + LIFETIME_MS,
      idleAtMs: nowMs + IDLE_MS,
      notedAtMs: nowMs,
      session: undefined,
      callbacks: new Set(),
    };
    const session = this.#sessionOf(id, held, { user, credential });
    held.session = session;
    this.#sessions.set(hashSecret(id), held);
    this.#evict();
    this.#write();
    return { id, session };
  }

  /** The live session of a cookie whose credential is still good; using it keeps it from going idle. */
  async find(id: string | undefined): Promise<Session | undefined> {
    if (id === undefined || id === '') return undefined;
    const key = hashSecret(id);
    const held = this.#sessions.get(key);
    if (held === undefined) return undefined;
    const session = held.session ?? (await this.#comeBack(id, held));
    if (session === undefined || !(await session.isStillGood())) {
      this.#end(key);
      return undefined;
    }
    this.#noteUse(held);
    return session;
  }

  /** Signs out; nothing happens for an unknown id. */
  end(id: string | undefined): void {
    if (id !== undefined) this.#end(hashSecret(id));
  }

  /** A code that signs `user` in once. */
  issueCode(user: UserInfo): string {
    const code = this.#secret();
    this.#codes.set(hashSecret(code), { user, endsAtMs: this.#options.clock.nowMs() + CODE_LIFETIME_MS });
    dropOldest(this.#codes, MAX_CODES);
    return code;
  }

  /** The user of an unused code, which is used up by asking. */
  redeemCode(code: string): UserInfo | undefined {
    const key = hashSecret(code);
    const held = this.#codes.get(key);
    this.#codes.delete(key);
    return held === undefined || this.#options.clock.nowMs() >= held.endsAtMs ? undefined : held.user;
  }

  /** Lets go of everything; who is signed in stays so for the next start. */
  close(): void {
    this.#write();
    for (const held of this.#sessions.values()) for (const callback of held.callbacks) callback();
    this.#sessions.clear();
    this.#codes.clear();
  }

  #restore({ key, sealed, endsAtMs, idleAtMs }: SessionRecord, nowMs: number): void {
    this.#sessions.set(key, { sealed, endsAtMs, idleAtMs, notedAtMs: nowMs, session: undefined, callbacks: new Set() });
  }

  /** The session that an earlier process had, for who shows its id. */
  async #comeBack(id: string, held: Held): Promise<Session | undefined> {
    const credential = unseal(id, held.sealed);
    if (credential === undefined) return undefined;
    const user = 'token' in credential ? await this.#options.authenticateToken(credential.token.reveal()) : credential.linkUser;
    if (user === undefined) return undefined;
    held.session ??= this.#sessionOf(id, held, { user, credential });
    return held.session;
  }

  #sessionOf(id: string, held: Held, { user, credential }: { readonly user: UserInfo; readonly credential: Credential }): Session {
    const key = hashSecret(id);
    return {
      user,
      csrfToken: csrfTokenOf(id),
      isStillGood: async () => {
        if (this.#sessions.get(key) === held && this.#isInTime(held) && (await this.#isGood(user, credential))) return true;
        this.#end(key);
        return false;
      },
      onEnd: (callback) => {
        held.callbacks.add(callback);
        return () => held.callbacks.delete(callback);
      },
    };
  }

  /** A credential that by now says somebody else is as good as none: what the session showed was for the first. */
  async #isGood(user: UserInfo, credential: Credential): Promise<boolean> {
    if (!('token' in credential)) return true;
    const now = await this.#options.authenticateToken(credential.token.reveal());
    return now !== undefined && identityOf(now) === identityOf(user);
  }

  #isInTime(held: Held): boolean {
    const nowMs = this.#options.clock.nowMs();
    return nowMs < held.idleAtMs && nowMs < held.endsAtMs;
  }

  #noteUse(held: Held): void {
    const nowMs = this.#options.clock.nowMs();
    held.idleAtMs = nowMs + IDLE_MS;
    if (nowMs - held.notedAtMs < NOTED_USE_MS) return;
    held.notedAtMs = nowMs;
    this.#write();
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
    this.#write();
    for (const callback of held.callbacks) callback();
  }

  #write(): void {
    const records = [...this.#sessions].map(([key, { sealed, endsAtMs, idleAtMs }]) => ({ key, sealed, endsAtMs, idleAtMs }));
    this.#options.file.write(records);
  }

  /** Two random UUIDs: 244 random bits. */
  #secret(): string {
    return `${this.#options.ids.uid()}${this.#options.ids.uid()}`.replaceAll('-', '');
  }
}

/** Compares two secrets in a time that tells nothing about them. */
export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

function identityOf({ name, uid, groups }: UserInfo): string {
  return JSON.stringify([name, uid ?? '', groups.toSorted()]);
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
