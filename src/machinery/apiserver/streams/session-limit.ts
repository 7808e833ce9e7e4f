import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';

/** Sessions (exec, attach, port-forward) of one pod that may be open at a time. */
const MAX_SESSIONS = 64;

/** Bounds the sessions of each pod. */
export class SessionLimit {
  readonly #open = new Map<string, number>();

  /** Does the work while it counts as a session. @throws PlatformError `ResourceExhausted` where there are too many */
  async run(pod: Pod, work: () => Promise<void>): Promise<void> {
    const { uid, name } = pod.metadata;
    const open = this.#open.get(uid) ?? 0;
    if (open >= MAX_SESSIONS) {
      throw new PlatformError({
        code: 'ResourceExhausted',
        reason: 'TooManySessions',
        message: `${MAX_SESSIONS} sessions (exec, attach, port-forward) of the pod ${name} are open, more are not served: end some`,
      });
    }
    this.#open.set(uid, open + 1);
    try {
      await work();
    } finally {
      const left = (this.#open.get(uid) ?? 1) - 1;
      if (left === 0) this.#open.delete(uid);
      else this.#open.set(uid, left);
    }
  }
}
