import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { UserInfo } from '../contract/user.ts';

/** How much reaching into pods may be going on at a time, and what it is called. */
export interface SessionBounds {
  readonly what: string;
  readonly perPod: number;
  readonly perUser: number;
}

/** Connections that have left HTTP; they last. */
export const SESSIONS: SessionBounds = { what: 'sessions (exec, attach, port-forward)', perPod: 64, perUser: 256 };
/** Requests to servers inside of pods; an answer may last as long as the server likes. */
export const PROXIED: SessionBounds = { what: 'requests through the proxy', perPod: 128, perUser: 256 };

/** Who reaches into which pod. */
export interface Reach {
  readonly pod: Pod;
  readonly user: Pick<UserInfo, 'name'>;
}

/** Bounds what reaches into pods, for each pod and for each user. */
export class SessionLimit {
  readonly #bounds: SessionBounds;
  readonly #byPod = new Map<string, number>();
  readonly #byUser = new Map<string, number>();

  constructor(bounds: SessionBounds) {
    this.#bounds = bounds;
  }

  /** Does the work while it counts. @throws PlatformError `ResourceExhausted` where there is too much of it */
  async run<T>({ pod, user }: Reach, work: () => Promise<T>): Promise<T> {
    const { perPod, perUser } = this.#bounds;
    const { uid, name } = pod.metadata;
    if ((this.#byPod.get(uid) ?? 0) >= perPod) throw this.#tooMany(perPod, `of the pod ${name}`);
    if ((this.#byUser.get(user.name) ?? 0) >= perUser) throw this.#tooMany(perUser, `of the user ${JSON.stringify(user.name)}`);
    count(this.#byPod, uid, 1);
    count(this.#byUser, user.name, 1);
    try {
      return await work();
    } finally {
      count(this.#byPod, uid, -1);
      count(this.#byUser, user.name, -1);
    }
  }

  #tooMany(most: number, whose: string): PlatformError {
    return new PlatformError({
      code: 'ResourceExhausted',
      reason: 'TooManySessions',
      message: `${most} ${this.#bounds.what} ${whose} are open, more are not served: end some`,
    });
  }
}

function count(counts: Map<string, number>, key: string, change: number): void {
  const now = (counts.get(key) ?? 0) + change;
  if (now === 0) counts.delete(key);
  else counts.set(key, now);
}
